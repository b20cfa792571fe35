// SPDX-License-Identifier: GPL-2.0
/*
 * What the lines of a tunnel's files must be together.
 */
#include <string.h>

#include "reading.h"

static const struct place *given(const struct reading *reading,
				 const char *section, const char *name)
{
	const struct place *place;

	place = &reading->given[key_find(section, name) - keys];
	return place->line ? place : NULL;
}

static void want(struct reading *reading, const char *section,
		 const char *name, const char *right)
{
	struct place place = { .path = reading->file->path };

	if (!given(reading, section, name))
		reading_wrong(reading, &place, name,
			      "missing in [%s]; it takes %s", section, right);
}

/* An external device gets from each packet what others are told once. */
static void check_external(struct reading *reading)
{
	const struct place *device = given(reading, "Tunnel", "LocalDevice");

	for (const struct attr *attr = attrs; attr->word; attr++) {
		const char *name = reading->by[attr - attrs];

		if (name && attr->use & BY_PACKET)
			reading_wrong(reading,
				      &reading->attr_place[attr - attrs], name,
				      "not with External=yes; each packet brings its own");
	}
	if (device)
		reading_wrong(reading, device, "LocalDevice",
			      "not with External=yes; Local= takes an address, or any");
}

static void check_ends(struct reading *reading)
{
	const struct place *local = given(reading, "Tunnel", "Local");

	if (!given(reading, "Tunnel", "LocalDevice"))
		want(reading, "Tunnel", "Local",
		     "an IPv4 or IPv6 address, the outer source");
	want(reading, "Tunnel", "Remote",
	     "an IPv4 or IPv6 address, the outer destination, the name of a host, or any, or any6");
	if (local && reading->local_any)
		reading_wrong(reading, local, "Local",
			      "any is for External=yes alone; it takes an address of this host");
}

/* Those of the outer packets must fit the kind, and each other. */
static void check_families(struct reading *reading)
{
	const struct tunnel *tunnel = &reading->file->request.tunnel;
	bool ipv4[END_COUNT] = {
		[LOCAL] = has(tunnel, A(LOCAL_IPV4)),
		[REMOTE] = has(tunnel, A(REMOTE_IPV4)),
	};
	bool ipv6[END_COUNT] = {
		[LOCAL] = has(tunnel, A(LOCAL_IPV6)),
		[REMOTE] = has(tunnel, A(REMOTE_IPV6)),
	};
	static const char *const names[] = { "Local", "Remote" };

	for (int end = LOCAL; end < END_COUNT; end++) {
		const struct place *place = given(reading, "Tunnel", names[end]);

		if (!place || !reading->kind)
			continue;
		if (strcmp(reading->kind, "gre") == 0 && ipv6[end])
			reading_wrong(reading, place, names[end],
				      "an IPv6 address, but Kind=gre is for IPv4; Kind=gretun takes both, Kind=ip6gre IPv6");
		if (strcmp(reading->kind, "ip6gre") == 0 && ipv4[end])
			reading_wrong(reading, place, names[end],
				      "an IPv4 address, but Kind=ip6gre is for IPv6; Kind=gretun takes both, Kind=gre IPv4");
	}
	if ((ipv4[LOCAL] && ipv6[REMOTE]) || (ipv6[LOCAL] && ipv4[REMOTE]))
		reading_wrong(reading, given(reading, "Tunnel", "Remote"),
			      "Remote", "not of the same family as Local=");
}

/* Ports are for UDP. */
static void check_ports(struct reading *reading)
{
	static const char *const names[] = { "FOUDestinationPort",
					     "FOUSourcePort" };

	if (reading->file->request.tunnel.value[A(ENCAP)])
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct place *place = given(reading, "Tunnel", names[i]);

		if (place)
			reading_wrong(reading, place, names[i],
				      "only with FooOverUDP=yes");
	}
}

/*
 * A name, and any, has an address of the family that the other end has. Where
 * that is what the device has, it is IPv4 unless the kind says otherwise.
 */
static void find_family(struct reading *reading)
{
	struct tunnel_file *file = reading->file;
	struct request *request = &file->request;
	const struct tunnel *tunnel = &request->tunnel;
	bool ipv6 = has(tunnel, A(LOCAL_IPV6));

	if (has(tunnel, A(LOCAL_DEV))) {
		ipv6 = reading->kind && strcmp(reading->kind, "ip6gre") == 0;
		request->any6 |= request->any && ipv6;
		words_find_family(request);
	} else if (ipv6 || has(tunnel, A(LOCAL_IPV4))) {
		words_find_any(request, &tunnel->outer[LOCAL]);
	}
	if (file->host)
		file->host->family = ipv6 ? AF_INET6 : AF_INET;
}

/**
 * whole_check() - check what all lines of a tunnel say together
 * @reading: the tunnel, all read
 */
void whole_check(struct reading *reading)
{
	struct request *request = &reading->file->request;

	/* Its own count of errors: they are of all lines. */
	reading->errors = 0;
	reading->path = reading->file->path;
	want(reading, "NetDev", "Name", "the name of the tunnel");
	want(reading, "NetDev", "Kind", "gretun, gre or ip6gre");
	find_family(reading);
	if (request->tunnel.value[A(EXTERNAL)])
		check_external(reading);
	else
		check_ends(reading);
	check_families(reading);
	check_ports(reading);
}
