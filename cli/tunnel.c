// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels as the kernel has them: read, delete, and what both people and
 * programs are told of them.
 */
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/genl/genl.h>

#include "cli.h"

/* <linux/if.h> has it, which does not go together with <net/if.h>. */
#define IFF_LOWER_UP BIT(16)

/* RFC 2863, in the order of IF_OPER_*. */
static const char *const operstates[] = {
	"UNKNOWN",
	"NOTPRESENT",
	"DOWN",
	"LOWERLAYERDOWN",
	"TESTING",
	"DORMANT",
	"UP",
};

static const char *const down_reasons[] = {
	[GRETUN_DOWN_REASON_NONE] = NULL,
	[GRETUN_DOWN_REASON_ADMIN] = "admin",
	[GRETUN_DOWN_REASON_LOOP] = "loop",
	[GRETUN_DOWN_REASON_KEEPALIVE] = "keepalive",
	[GRETUN_DOWN_REASON_NO_LOCAL] = "no-local",
	[GRETUN_DOWN_REASON_RIVAL] = "rival",
};

static const struct {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{ IFF_LOOPBACK, "LOOPBACK" },
	{ IFF_BROADCAST, "BROADCAST" },
	{ IFF_POINTOPOINT, "POINTOPOINT" },
	{ IFF_MULTICAST, "MULTICAST" },
	{ IFF_NOARP, "NOARP" },
	{ IFF_ALLMULTI, "ALLMULTI" },
	{ IFF_PROMISC, "PROMISC" },
	{ IFF_UP, "UP" },
	{ IFF_LOWER_UP, "LOWER_UP" },
};

static void get_state(struct nlattr *nest, struct tunnel *tunnel)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_STATE_OPERSTATE:
			tunnel->operstate = nla_get_u8(attr);
			break;
		case GRETUN_A_STATE_FLAGS:
			tunnel->flags = nla_get_u32(attr);
			break;
		case GRETUN_A_STATE_MTU:
			tunnel->mtu = nla_get_u32(attr);
			break;
		case GRETUN_A_STATE_OVERHEAD:
			tunnel->overhead = nla_get_u32(attr);
			break;
		case GRETUN_A_STATE_MOVED:
			tunnel->link_elsewhere = true;
			break;
		case GRETUN_A_STATE_LOOP:
			loop_get(attr, &tunnel->loop);
			break;
		case GRETUN_A_STATE_REASON:
			tunnel->reason = nla_get_u8(attr);
			break;
		case GRETUN_A_STATE_KEEPALIVE:
			keepalive_get(attr, &tunnel->keepalive);
			break;
		case GRETUN_A_STATE_KEEPALIVE_SIGNED:
			tunnel->keepalive_signed = true;
			break;
		case GRETUN_A_STATE_PEER:
			roam_get(attr, &tunnel->roam);
			break;
		}
	}
}

/**
 * tunnel_get() - read a tunnel out of a reply or an event
 * @msg: the message
 * @tunnel: where it goes
 */
void tunnel_get(struct nl_msg *msg, struct tunnel *tunnel)
{
	struct nlattr *attr;
	int rest;

	memset(tunnel, 0, sizeof(*tunnel));
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), GENL_HDRLEN, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_TUNNEL:
			attrs_get(attr, tunnel);
			break;
		case GRETUN_A_STATE:
			get_state(attr, tunnel);
			break;
		case GRETUN_A_STATS:
			counters_get(attr, tunnel_reasons, &tunnel->counters);
			break;
		}
	}
}

static int on_tunnel(struct nl_msg *msg, void *arg)
{
	struct tunnel_list *list = arg;

	list->tunnel = grow(list->tunnel, list->count, sizeof(*list->tunnel));
	tunnel_get(msg, &list->tunnel[list->count++]);
	return NL_OK;
}

/**
 * tunnels_get() - read one tunnel or all
 * @conn: a connection to the module
 * @name: the tunnel's name, NULL for all
 * @stats: whether to read the counters too
 * @list: where they go; tunnel_list_free() frees it whatever is returned
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status tunnels_get(struct conn *conn, const char *name, bool stats,
			struct tunnel_list *list)
{
	struct tunnel wanted = { 0 };
	enum status status = DONE;
	struct nl_msg *msg;

	memset(list, 0, sizeof(*list));
	msg = conn_request(conn, GRETUN_CMD_TUNNEL_GET, name ? 0 : NLM_F_DUMP,
			   256);
	if (name) {
		strcpy(wanted.ifname, name);
		attrs_put(msg, &wanted);
	}
	if (stats)
		nla_put_flag(msg, GRETUN_A_WITH_STATS);
	/* A dump of the module loses none, whatever changes meanwhile. */
	if (conn_talk(conn, msg, on_tunnel, list))
		status = conn_refused(conn, name ? name : conn->command, NULL);
	nlmsg_free(msg);
	return status;
}

/**
 * tunnel_list_free() - free what tunnels_get() and addresses_get() read
 * @list: the list
 */
void tunnel_list_free(struct tunnel_list *list)
{
	free(list->tunnel);
	free(list->address);
}

static int on_found(struct nl_msg *msg, void *arg)
{
	tunnel_get(msg, arg);
	return NL_OK;
}

/**
 * tunnel_find() - read one tunnel, which may not be there
 * @conn: a connection to the module
 * @name: its name
 * @tunnel: where it goes
 *
 * Return: 0, or the error as a positive errno, ENODEV if it is not there.
 */
int tunnel_find(struct conn *conn, const char *name, struct tunnel *tunnel)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_TUNNEL_GET, 0, 64);
	struct tunnel wanted = { 0 };
	int error;

	strcpy(wanted.ifname, name);
	attrs_put(msg, &wanted);
	error = conn_talk(conn, msg, on_found, tunnel);
	nlmsg_free(msg);
	return error;
}

/**
 * tunnels_del() - delete tunnels, all of these or none
 * @conn: a connection to the module
 * @ifindex: their devices, at most TUNNELS_AT_A_TIME
 * @count: how many
 * @which: where the number of the one that was refused goes, or NULL
 *
 * Return: 0, or the error as a positive errno.
 */
int tunnels_del(struct conn *conn, const uint32_t *ifindex, size_t count,
		size_t *which)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_TUNNEL_DEL, 0,
					  count * 64);
	int error;

	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel = {
			.present = BIT(GRETUN_A_TUNNEL_IFINDEX),
		};

		tunnel.value[GRETUN_A_TUNNEL_IFINDEX] = ifindex[i];
		attrs_put(msg, &tunnel);
	}
	error = conn_talk(conn, msg, NULL, NULL);
	if (error && which)
		conn_bad_attr(conn, msg, which);
	nlmsg_free(msg);
	return error;
}

/**
 * tunnel_state() - the state of a tunnel in a word for people
 * @tunnel: the tunnel
 *
 * Return: "up", "down", or what keeps a device that is set up from working.
 */
const char *tunnel_state(const struct tunnel *tunnel)
{
	if (!(tunnel->flags & IFF_UP))
		return "down";
	if (local_missing(tunnel))
		return local_state(tunnel);
	if (tunnel->loop.ifindex)
		return "loop";
	if (tunnel->reason == GRETUN_DOWN_REASON_KEEPALIVE)
		return "no answer";
	return tunnel->flags & IFF_RUNNING ? "up" : "no carrier";
}

/**
 * tunnel_no_remote() - say in a word what a tunnel has in place of one peer
 * @tunnel: the tunnel, whose remote address is ::
 *
 * Return: the word.
 */
const char *tunnel_no_remote(const struct tunnel *tunnel)
{
	return tunnel->value[GRETUN_A_TUNNEL_EXTERNAL] ? "external" : "any";
}

/* What keeps it from working, NULL for nothing. */
static struct json_object *reason_json(const struct tunnel *tunnel)
{
	const char *reason = "other";

	if (tunnel->reason < ARRAY_SIZE(down_reasons))
		reason = down_reasons[tunnel->reason];
	return reason ? json_object_new_string(reason) : NULL;
}

static struct json_object *flags_json(uint32_t flags)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (flags & flag_names[i].flag)
			json_object_array_add(array,
					      json_object_new_string(flag_names[i].name));
	}
	return array;
}

/**
 * tunnel_json() - make an object of a tunnel, without its counters
 * @tunnel: the tunnel
 *
 * Return: the object.
 */
struct json_object *tunnel_json(const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();
	struct json_object *addresses = json_object_new_array();
	const char *state = "UNKNOWN";

	if (tunnel->operstate < ARRAY_SIZE(operstates))
		state = operstates[tunnel->operstate];
	for (size_t i = 0; i < tunnel->address_count; i++)
		json_object_array_add(addresses,
				      address_json(&tunnel->address[i]));

	json_object_object_add(object, "ifname",
			       json_object_new_string(tunnel->ifname));
	json_object_object_add(object, "ifindex",
			       json_object_new_int64(tunnel->value[GRETUN_A_TUNNEL_IFINDEX]));
	attrs_json(tunnel, object);
	json_object_object_add(object, "operstate",
			       json_object_new_string(state));
	json_object_object_add(object, "reason", reason_json(tunnel));
	json_object_object_add(object, "loop", loop_json(&tunnel->loop));
	json_object_object_add(object, "moved_peer", roam_json(&tunnel->roam));
	json_object_object_add(object, "flags", flags_json(tunnel->flags));
	json_object_object_add(object, "overhead",
			       json_object_new_int64(tunnel->overhead));
	json_object_object_add(object, "addresses", addresses);
	return object;
}
