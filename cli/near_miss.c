// SPDX-License-Identifier: GPL-2.0
/*
 * Near misses: GRE packets that came to this network namespace and that no
 * tunnel took, and which tunnels nearly did.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/genl/genl.h>

#include "cli.h"

/* So many tunnels are named to people; thousands may share two addresses. */
#define NAMED 3

/* Reasons for which the whole header was read. */
static const char *const header_is_read[] = {
	"passed-pair",
	"passed-key",
	"passed-dev",
	"passed-encap",
	"udp-pair",
	"udp-key",
	"udp-dev",
	"udp-encap",
};

static bool has_reason(const struct near_miss *miss, const char *reason)
{
	return strcmp(miss->reason, reason) == 0;
}

static bool header_read(const struct near_miss *miss)
{
	for (size_t i = 0; i < ARRAY_SIZE(header_is_read); i++) {
		if (has_reason(miss, header_is_read[i]))
			return true;
	}
	return false;
}

static void get_miss(struct nlattr *nest, struct near_miss *miss)
{
	struct nlattr *attr;
	int rest;

	memset(miss, 0, sizeof(*miss));
	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_NEAR_MISS_LOCAL_IPV4:
		case GRETUN_A_NEAR_MISS_LOCAL_IPV6:
			ip_get(attr, &miss->outer[LOCAL]);
			break;
		case GRETUN_A_NEAR_MISS_REMOTE_IPV4:
		case GRETUN_A_NEAR_MISS_REMOTE_IPV6:
			ip_get(attr, &miss->outer[REMOTE]);
			break;
		case GRETUN_A_NEAR_MISS_KEY:
			miss->has_key = true;
			miss->key = nla_get_u32(attr);
			break;
		case GRETUN_A_NEAR_MISS_ENCAP_PORT:
			miss->encap_port = nla_get_u16(attr);
			break;
		case GRETUN_A_NEAR_MISS_IFINDEX:
			miss->ifindex = nla_get_u32(attr);
			break;
		case GRETUN_A_NEAR_MISS_REASON:
			nla_strlcpy(miss->reason, attr, sizeof(miss->reason));
			break;
		case GRETUN_A_NEAR_MISS_PACKETS:
			miss->packets = nla_get_u64(attr);
			break;
		case GRETUN_A_NEAR_MISS_AGE:
			miss->age = nla_get_u64(attr);
			break;
		}
	}
}

static int on_misses(struct nl_msg *msg, void *arg)
{
	struct near_miss_list *list = arg;
	struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), GENL_HDRLEN, rest) {
		if (nla_type(attr) != GRETUN_A_NEAR_MISS)
			continue;
		list->miss = grow(list->miss, list->count, sizeof(*list->miss));
		get_miss(attr, &list->miss[list->count++]);
	}
	return NL_OK;
}

/**
 * near_misses_get() - read the near misses of the network namespace
 * @conn: a connection to the module
 * @list: where they go; the caller frees @list->miss whatever is returned
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status near_misses_get(struct conn *conn, struct near_miss_list *list)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_NEAR_MISS_GET, 0, 64);
	enum status status = DONE;

	memset(list, 0, sizeof(*list));
	if (conn_talk(conn, msg, on_misses, list))
		status = conn_refused(conn, conn->command, NULL);
	nlmsg_free(msg);
	return status;
}

static bool same_key(const struct near_miss *miss, const struct tunnel *tunnel)
{
	bool has_key = tunnel->present & BIT(GRETUN_A_TUNNEL_IKEY);

	if (tunnel->value[GRETUN_A_TUNNEL_EXTERNAL])
		return true;
	return miss->has_key == has_key &&
	       (!has_key || miss->key == tunnel->value[GRETUN_A_TUNNEL_IKEY]);
}

static bool same_encap(const struct near_miss *miss,
		       const struct tunnel *tunnel)
{
	return tunnel->value[GRETUN_A_TUNNEL_ENCAP] == GRETUN_ENCAP_UDP ?
		       miss->encap_port ==
			       tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT] :
		       !miss->encap_port;
}

/**
 * near_miss_of() - tell how nearly packets were those of a tunnel
 * @miss: the packets
 * @tunnel: the tunnel, as it is now
 *
 * Return: what is missing, or NOT_NEARLY if they have little in common.
 */
enum nearly near_miss_of(const struct near_miss *miss,
			 const struct tunnel *tunnel)
{
	bool same_local = ip_equal(&miss->outer[LOCAL], &tunnel->outer[LOCAL]);
	bool same_remote =
		ip_equal(&miss->outer[REMOTE], &tunnel->outer[REMOTE]);
	bool external = tunnel->value[GRETUN_A_TUNNEL_EXTERNAL];
	bool any_local = external && ip_is_any(&tunnel->outer[LOCAL]);
	bool any_remote = ip_is_any(&tunnel->outer[REMOTE]);

	/* Its outer packets do not come to this network namespace. */
	if (tunnel->link_elsewhere)
		return NOT_NEARLY;

	if ((same_local || any_local) && (same_remote || any_remote)) {
		if (!header_read(miss))
			return NEARLY_OTHER;
		if (!same_key(miss, tunnel))
			return any_remote ? NEARLY_ANY : NEARLY_KEY;
		if (!same_encap(miss, tunnel))
			return NEARLY_ENCAP;
		if ((has_reason(miss, "passed-dev") ||
		     has_reason(miss, "udp-dev")) &&
		    tunnel->value[GRETUN_A_TUNNEL_LINK])
			return NEARLY_DEV;
		return NOT_ANY_MORE;
	}
	if (same_local && header_read(miss) && same_key(miss, tunnel) &&
	    same_encap(miss, tunnel))
		return NEARLY_REMOTE;
	if (same_remote)
		return NEARLY_LOCAL;
	return NOT_NEARLY;
}

static enum nearly nearest(const struct near_miss *miss,
			   const struct tunnel_list *tunnels)
{
	enum nearly nearest = NOT_NEARLY;

	for (size_t i = 0; i < tunnels->count; i++) {
		enum nearly nearly = near_miss_of(miss, &tunnels->tunnel[i]);

		if (nearly > nearest)
			nearest = nearly;
	}
	return nearest;
}

static void put_device(FILE *out, uint32_t ifindex)
{
	char name[IFNAMSIZ];

	if (if_indextoname(ifindex, name))
		fputs(name, out);
	else
		fprintf(out, "if%u", ifindex);
}

static void put_key(FILE *out, const struct tunnel *tunnel)
{
	if (tunnel->present & BIT(GRETUN_A_TUNNEL_IKEY))
		fprintf(out, "%u", tunnel->value[GRETUN_A_TUNNEL_IKEY]);
	else
		fputs("none", out);
}

/* What a tunnel expects where these packets have something else. */
static void put_tunnel(FILE *out, enum nearly nearly,
		       const struct near_miss *miss,
		       const struct tunnel *tunnel)
{
	char buf[INET6_ADDRSTRLEN];
	uint32_t okey = tunnel->value[GRETUN_A_TUNNEL_OKEY];

	fputs(tunnel->ifname, out);
	switch (nearly) {
	case NEARLY_ANY:
		fputs(" expects ", out);
		put_key(out, tunnel);
		fputs(" from every source", out);
		break;
	case NEARLY_LOCAL:
		if (local_missing(tunnel))
			fprintf(out, " expects them at an address of %s, and waits for it",
				tunnel->local_dev);
		else
			fprintf(out, " expects them at %s",
				ip_text(&tunnel->outer[LOCAL], buf));
		break;
	case NEARLY_REMOTE:
		fprintf(out, " has %s but expects them from %s",
			miss->has_key ? "that key" : "no key either",
			ip_text(&tunnel->outer[REMOTE], buf));
		break;
	case NEARLY_KEY:
		fputs(" expects ", out);
		put_key(out, tunnel);
		if (miss->has_key && okey == miss->key &&
		    tunnel->present & BIT(GRETUN_A_TUNNEL_OKEY))
			fprintf(out, " and sends %u (one end has ikey and okey the wrong way round)",
				okey);
		break;
	case NEARLY_ENCAP:
		if (tunnel->value[GRETUN_A_TUNNEL_ENCAP])
			fprintf(out, " expects them in UDP at port %u",
				tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT]);
		else
			fputs(" expects them without UDP", out);
		break;
	case NEARLY_DEV:
		fputs(" is bound to ", out);
		put_device(out, tunnel->value[GRETUN_A_TUNNEL_LINK]);
		break;
	case NOT_ANY_MORE:
		fputs(" takes them now", out);
		break;
	default:
		break;
	}
}

static void put_tunnels(FILE *out, enum nearly nearly,
			const struct near_miss *miss,
			const struct tunnel_list *tunnels)
{
	size_t count = 0;

	for (size_t i = 0; i < tunnels->count; i++) {
		const struct tunnel *tunnel = &tunnels->tunnel[i];

		if (near_miss_of(miss, tunnel) != nearly)
			continue;
		if (count && count < NAMED)
			fputs(", ", out);
		if (count++ < NAMED)
			put_tunnel(out, nearly, miss, tunnel);
	}
	if (count > NAMED)
		fprintf(out, " and %zu more", count - NAMED);
}

static const char *reason_text(const struct near_miss *miss)
{
	for (const struct reason *reason = netns_reasons; reason->name;
	     reason++) {
		if (has_reason(miss, reason->name))
			return reason->text;
	}
	return miss->reason;
}

/* When no tunnel of the list is near. */
static const char *nobody(const struct near_miss *miss)
{
	if (has_reason(miss, "passed-pair") || has_reason(miss, "udp-pair"))
		return "no tunnel is for these addresses";
	if (header_read(miss))
		return "their tunnel is gone, or its device is in another network namespace";
	return reason_text(miss);
}

/**
 * near_miss_text() - say who sends what, and what was expected instead
 * @miss: the packets
 * @tunnels: all tunnels there are, or those of interest
 *
 * Return: the text, which is to be freed.
 */
char *near_miss_text(const struct near_miss *miss,
		     const struct tunnel_list *tunnels)
{
	enum nearly nearly = nearest(miss, tunnels);
	char *text, buf[INET6_ADDRSTRLEN];
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		out_of_memory();
	fprintf(out, "from %s", ip_text(&miss->outer[REMOTE], buf));
	if (nearly == NOT_NEARLY || nearly == NEARLY_LOCAL)
		fprintf(out, " to %s", ip_text(&miss->outer[LOCAL], buf));
	if (miss->has_key)
		fprintf(out, " key %u", miss->key);
	else if (nearly == NEARLY_KEY || nearly == NEARLY_ANY)
		fputs(" without a key", out);
	if (miss->encap_port)
		fprintf(out, " in UDP at port %u", miss->encap_port);
	else if (nearly == NEARLY_ENCAP)
		fputs(" without UDP", out);
	if (nearly == NEARLY_DEV) {
		fputs(" through ", out);
		put_device(out, miss->ifindex);
	}
	fputs(nearly == NEARLY_OTHER ? " for " : "; ", out);
	if (nearly == NOT_NEARLY)
		fputs(nobody(miss), out);
	else
		put_tunnels(out, nearly, miss, tunnels);
	if (nearly == NEARLY_OTHER)
		fprintf(out, "; %s", reason_text(miss));
	fprintf(out, " (%" PRIu64 " packet%s, %s)", miss->packets,
		miss->packets == 1 ? "" : "s",
		ago(miss->age, buf, sizeof(buf)));
	if (fclose(out))
		out_of_memory();
	return text;
}

static void add_text(struct json_object *object, const char *name, char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

static struct json_object *miss_json(const struct near_miss *miss,
				     const struct tunnel_list *tunnels)
{
	struct json_object *object = json_object_new_object();
	struct json_object *names = json_object_new_array();
	enum nearly nearly = nearest(miss, tunnels);
	char buf[INET6_ADDRSTRLEN];
	char *text;

	ip_text(&miss->outer[LOCAL], buf);
	add_text(object, "local", buf);
	ip_text(&miss->outer[REMOTE], buf);
	add_text(object, "remote", buf);
	json_object_object_add(object, "key",
			       miss->has_key ?
				       json_object_new_int64(miss->key) :
				       NULL);
	json_object_object_add(object, "encap_port",
			       miss->encap_port ?
				       json_object_new_int64(miss->encap_port) :
				       NULL);
	json_object_object_add(object, "dev", NULL);
	if (if_indextoname(miss->ifindex, buf))
		add_text(object, "dev", buf);
	json_object_object_add(object, "reason",
			       json_object_new_string(miss->reason));
	json_object_object_add(object, "packets",
			       json_object_new_uint64(miss->packets));
	json_object_object_add(object, "age_ms",
			       json_object_new_uint64(miss->age));
	for (size_t i = 0; i < tunnels->count && nearly; i++) {
		const struct tunnel *tunnel = &tunnels->tunnel[i];

		if (near_miss_of(miss, tunnel) == nearly)
			json_object_array_add(names,
					      json_object_new_string(tunnel->ifname));
	}
	json_object_object_add(object, "tunnels", names);
	text = near_miss_text(miss, tunnels);
	add_text(object, "text", text);
	free(text);
	return object;
}

/**
 * near_misses_json() - make an array of near misses
 * @list: the near misses
 * @tunnels: all tunnels there are, or those of interest
 *
 * Return: the array.
 */
struct json_object *near_misses_json(const struct near_miss_list *list,
				     const struct tunnel_list *tunnels)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array,
				      miss_json(&list->miss[i], tunnels));
	return array;
}
