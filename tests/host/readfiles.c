// SPDX-License-Identifier: GPL-2.0
/*
 * Reads tunnel files as gretun does, and prints what they say as the words of
 * gretun add, with a line for each route. It is linked with all of gretun but
 * its main.c. Usage: readfiles NAME|FILE|FOLDER/... ; without words, it reads
 * the folder TUNNEL_FILES.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "../../cli/attrs.h"
#include "../../cli/file/file.h"

/* Only what the file says; the kernel has the rest. */
static bool is_given(const struct tunnel_file *file, const struct attr *attr)
{
	for (uint32_t type = 1; type <= A(MAX); type++) {
		if (attr_gives(attr) & BIT(type) && file->place[type].line)
			return true;
	}
	return false;
}

static void print_tunnel(const struct tunnel_file *file)
{
	const struct request *request = &file->request;
	const struct tunnel *tunnel = &request->tunnel;
	char text[128];

	printf("%s", tunnel->ifname);
	for (const struct attr *attr = attrs; attr->word; attr++) {
		if (attr->type == A(LINK) && request->dev)
			printf(" dev %s", request->dev);
		else if (attr->end == REMOTE && file->host)
			printf(" remote %s", file->host->name);
		else if (attr->print && is_given(file, attr) &&
			 attr->print(attr, tunnel, text, sizeof(text)))
			printf(" %s%s%s", attr->word, attr->values ? " " : "",
			       attr->values ? text : "");
	}
	for (size_t i = 0; i < tunnel->address_count; i++) {
		const struct address *address = &tunnel->address[i];

		inet_ntop(address->family, address->local, text, sizeof(text));
		printf(" address %s/%u", text, address->prefixlen);
		if (address->has_peer)
			printf(" peer %s", inet_ntop(address->family,
						     address->peer, text,
						     sizeof(text)));
	}
	puts(request->down ? " down" : "");
}

static void print_route(const struct file_route *route)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(route->family, route->dst, text, sizeof(text));
	printf("route %s/%u", text, route->prefixlen);
	if (route->has_gateway)
		printf(" via %s", inet_ntop(route->family, route->gateway, text,
					    sizeof(text)));
	if (route->has_source)
		printf(" src %s", inet_ntop(route->family, route->source, text,
					    sizeof(text)));
	printf(" metric %u table %u\n", route->metric, route->table);
}

int main(int argc, char **argv)
{
	const struct context ctx = { .command = "apply" };
	struct file_list list;
	enum status status;

	if (argc > 1)
		status = files_read(&ctx, argc - 1, argv + 1, &list);
	else
		status = files_read_folder(&ctx, TUNNEL_FILES, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct tunnel_file *file = &list.file[i];

		print_tunnel(file);
		for (size_t j = 0; j < file->route_count; j++)
			print_route(&file->route[j]);
	}
	files_free(&list);
	return status;
}
