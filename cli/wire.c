// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink attributes of a tunnel: written into messages, and read.
 */
#include <string.h>
#include <netlink/attr.h>

#include "attrs.h"

/* What each attribute takes on the wire, in bytes. */
/* clang-format off */
static const uint8_t wire_size[A(MAX) + 1] = {
	[A(IFINDEX)] = 4,	[A(LOCAL_IPV4)] = 4,	[A(REMOTE_IPV4)] = 4,
	[A(LINK)] = 4,		[A(TTL)] = 1,		[A(TOS)] = 1,
	[A(TOS_INHERIT)] = 1,	[A(IKEY)] = 4,		[A(OKEY)] = 4,
	[A(UNSET)] = 4,		[A(CSUM)] = 1,		[A(SEQ)] = 1,
	[A(DF)] = 1,		[A(MTU)] = 4,		[A(FWMARK)] = 4,
	[A(FASTPATH)] = 1,	[A(EXTERNAL)] = 1,	[A(LOCAL_IPV6)] = 16,
	[A(REMOTE_IPV6)] = 16,	[A(FLOWLABEL)] = 4,	[A(FLOWLABEL_MODE)] = 1,
	[A(ENCAP_LIMIT)] = 1,	[A(MSS_CLAMP)] = 1,
	[A(KEEPALIVE_PERIOD)] = 4, [A(KEEPALIVE_RETRIES)] = 1,
	[A(ENCAP)] = 1,		[A(ENCAP_PORT)] = 2,	[A(ENCAP_SOURCE_PORT)] = 2,
	[A(KEEPALIVE_SECRET)] = SECRET_LEN,
};

/* clang-format on */

/* Which end of the tunnel an attribute has the address of, END_COUNT for none. */
static enum end end_of(uint32_t type)
{
	switch (type) {
	case A(LOCAL_IPV4):
	case A(LOCAL_IPV6):
		return LOCAL;
	case A(REMOTE_IPV4):
	case A(REMOTE_IPV6):
		return REMOTE;
	default:
		return END_COUNT;
	}
}

/**
 * attrs_put() - write a tunnel into a message
 * @msg: the message
 * @tunnel: the tunnel; what is not present is left out
 */
void attrs_put(struct nl_msg *msg, const struct tunnel *tunnel)
{
	struct nlattr *nest = nla_nest_start(msg, GRETUN_A_TUNNEL);
	int error = nest ? 0 : -1;

	if (*tunnel->ifname)
		error |= nla_put_string(msg, A(IFNAME), tunnel->ifname);
	for (uint32_t type = 1; type <= A(MAX); type++) {
		const void *data = &tunnel->value[type];
		uint8_t byte = tunnel->value[type];
		uint16_t two = tunnel->value[type];

		/* The address of a device is not for us to give. */
		if (!has(tunnel, type) ||
		    (end_of(type) == LOCAL && has(tunnel, A(LOCAL_DEV))))
			continue;
		if (type == A(LOCAL_DEV)) {
			error |= nla_put_string(msg, type, tunnel->local_dev);
			continue;
		}
		if (end_of(type) != END_COUNT)
			data = ip_bytes(&tunnel->outer[end_of(type)]);
		else if (type == A(KEEPALIVE_SECRET))
			data = tunnel->secret;
		else if (wire_size[type] == 1)
			data = &byte;
		else if (wire_size[type] == 2)
			data = &two;
		error |= nla_put(msg, type, wire_size[type], data);
	}
	if (error)
		out_of_memory();
	nla_nest_end(msg, nest);
}

/**
 * attrs_get() - read a tunnel out of a message
 * @nest: the attribute of the tunnel
 * @tunnel: where it goes
 */
void attrs_get(struct nlattr *nest, struct tunnel *tunnel)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		uint32_t type = nla_type(attr);

		if (type == A(IFNAME))
			nla_strlcpy(tunnel->ifname, attr, IFNAMSIZ);
		if (type == A(LOCAL_DEV)) {
			nla_strlcpy(tunnel->local_dev, attr, IFNAMSIZ);
			tunnel->present |= BIT(type);
		}
		if (type > A(MAX) || !wire_size[type] ||
		    nla_len(attr) != wire_size[type])
			continue;
		tunnel->present |= BIT(type);
		if (end_of(type) != END_COUNT)
			ip_get(attr, &tunnel->outer[end_of(type)]);
		else if (type == A(KEEPALIVE_SECRET))
			memcpy(tunnel->secret, nla_data(attr), SECRET_LEN);
		else if (wire_size[type] == 1)
			tunnel->value[type] = nla_get_u8(attr);
		else if (wire_size[type] == 2)
			tunnel->value[type] = nla_get_u16(attr);
		else
			tunnel->value[type] = nla_get_u32(attr);
	}
}
