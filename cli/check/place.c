// SPDX-License-Identifier: GPL-2.0
/*
 * The network namespaces of a tunnel. Its device may have moved out of the one
 * that its outer packets are in; then that one is looked for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "check.h"

#define NETNS_DIR "/run/netns"

/* Commands as they are typed to work in a place. */
static void name_place(struct place *place, const char *netns,
		       const char *enter)
{
	if (netns) {
		snprintf(place->gretun, sizeof(place->gretun), "gretun -n %s",
			 netns);
		snprintf(place->ip, sizeof(place->ip), "ip -n %s", netns);
		snprintf(place->exec, sizeof(place->exec), "ip netns exec %s ",
			 netns);
		return;
	}
	snprintf(place->gretun, sizeof(place->gretun), "%sgretun", enter);
	snprintf(place->ip, sizeof(place->ip), "%sip", enter);
	snprintf(place->exec, sizeof(place->exec), "%s", enter);
}

static int on_nsid(struct nl_msg *msg, void *arg)
{
	struct nlattr *nsid = nlmsg_find_attr(nlmsg_hdr(msg),
					      sizeof(struct rtgenmsg),
					      NETNSA_NSID);

	if (nsid && nla_len(nsid) == sizeof(int32_t))
		*(int32_t *)arg = nla_get_s32(nsid);
	return NL_OK;
}

/* The number by which the netns of @place knows the one of @file, or -1. */
static int32_t nsid_of(struct place *place, int file)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNSID, 0);
	struct rtgenmsg header = { .rtgen_family = AF_UNSPEC };
	int32_t nsid = -1;

	if (!msg || nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) ||
	    nla_put_u32(msg, NETNSA_FD, file))
		out_of_memory();
	if (conn_talk(&place->route, msg, on_nsid, &nsid))
		nsid = -1;
	nlmsg_free(msg);
	return nsid;
}

static int on_link_nsid(struct nl_msg *msg, void *arg)
{
	struct nlattr *nsid = nlmsg_find_attr(nlmsg_hdr(msg),
					      sizeof(struct ifinfomsg),
					      IFLA_LINK_NETNSID);

	if (nsid && nla_len(nsid) == sizeof(int32_t))
		*(int32_t *)arg = nla_get_s32(nsid);
	return NL_OK;
}

/* The number of the netns that a device's outer packets are in, or -1. */
static int32_t link_nsid(struct place *place, uint32_t ifindex)
{
	struct ifinfomsg header = { .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);
	int32_t nsid = -1;

	if (!msg || nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO))
		out_of_memory();
	if (conn_talk(&place->route, msg, on_link_nsid, &nsid))
		nsid = -1;
	nlmsg_free(msg);
	return nsid;
}

static bool try_file(struct check *check, int32_t nsid, const char *path,
		     const char *netns, const char *enter)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return false;
	if (nsid_of(&check->inside, file) != nsid) {
		close(file);
		return false;
	}
	check->outside.file = file;
	name_place(&check->outside, netns, enter);
	return true;
}

static void find_outside(struct check *check, int32_t nsid)
{
	struct dirent *entry;
	char path[300];
	DIR *dir;

	/* Where the user is, who typed no -n to get there. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)getppid());
	if (try_file(check, nsid, path, NULL, "") ||
	    try_file(check, nsid, "/proc/1/ns/net", NULL, "nsenter -t 1 -n "))
		return;
	dir = opendir(NETNS_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strlen(entry->d_name) > 40)
			continue;
		snprintf(path, sizeof(path), NETNS_DIR "/%s", entry->d_name);
		if (*entry->d_name != '.' &&
		    try_file(check, nsid, path, entry->d_name, ""))
			break;
	}
	closedir(dir);
}

static enum status place_open(const struct check *check, struct place *place)
{
	enum status status = conn_open_route(&place->route, check->ctx);

	return status ? status : addresses_get(check->ctx, &place->addresses);
}

static enum status outside_open(struct check *check)
{
	enum status status;

	if (!go_outside(check)) {
		close(check->outside.file);
		check->outside.file = -1;
		return DONE;
	}
	status = place_open(check, &check->outside);
	if (!status)
		status = conn_open(&check->outside_conn, check->ctx);
	go_inside(check);
	return status;
}

/**
 * places_open() - find the network namespaces and connect to them
 * @check: the check; its tunnel is known
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status places_open(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	struct place *inside = &check->inside;
	enum status status;
	int32_t nsid;

	check->outside.file = -1;
	inside->file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (inside->file < 0)
		return refused("/proc/self/ns/net", "%s", strerror(errno));
	name_place(inside, check->ctx->netns, "");
	status = place_open(check, inside);
	if (status)
		return status;
	if (check->moved) {
		nsid = link_nsid(inside, tunnel->value[GRETUN_A_TUNNEL_IFINDEX]);
		if (nsid >= 0)
			find_outside(check, nsid);
	} else {
		check->outside.file = dup(inside->file);
		name_place(&check->outside, check->ctx->netns, "");
	}
	return check->outside.file < 0 ? DONE : outside_open(check);
}

/**
 * places_close() - let go of what places_open() opened
 * @check: the check
 */
void places_close(struct check *check)
{
	conn_close(&check->outside_conn);
	conn_close(&check->inside.route);
	conn_close(&check->outside.route);
	tunnel_list_free(&check->inside.addresses);
	tunnel_list_free(&check->outside.addresses);
	if (check->inside.file >= 0)
		close(check->inside.file);
	if (check->outside.file >= 0)
		close(check->outside.file);
}

/**
 * go_outside() - go where the outer packets are
 * @check: the check
 *
 * Return: false if that is not known or not permitted, and this goes nowhere.
 */
bool go_outside(struct check *check)
{
	if (!check->moved)
		return true;
	return check->outside.file >= 0 &&
	       !setns(check->outside.file, CLONE_NEWNET);
}

/**
 * go_inside() - go where the device is, as in the beginning
 * @check: the check
 */
void go_inside(struct check *check)
{
	if (check->moved && check->outside.file >= 0)
		setns(check->inside.file, CLONE_NEWNET);
}

/**
 * read_number() - read the number in a file of /proc or /sys
 * @path: the file
 * @out: where the number goes
 *
 * Return: whether there is one.
 */
bool read_number(const char *path, uint64_t *out)
{
	FILE *file = fopen(path, "re");
	unsigned long long number;
	bool good;

	if (!file)
		return false;
	good = fscanf(file, "%llu", &number) == 1;
	fclose(file);
	if (good)
		*out = number;
	return good;
}
