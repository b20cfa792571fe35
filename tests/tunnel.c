// SPDX-License-Identifier: GPL-2.0
/*
 * A tunnel as the gretun family of generic netlink has it, for the C tests.
 */
#include "tunnel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <linux/genetlink.h>

/**
 * tunnel_named - a tunnel of which only the name is known
 * @ifname: the name
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_named(const char *ifname)
{
	struct tunnel tunnel = { .present = BIT(A(IFNAME)) };

	snprintf(tunnel.ifname, sizeof(tunnel.ifname), "%s", ifname);
	return tunnel;
}

/**
 * tunnel_new - a tunnel with all that it needs
 * @ifname: name of the device
 * @local: outer source address, of either family
 * @remote: outer destination address, of either family
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_new(const char *ifname, const char *local,
			 const char *remote)
{
	struct tunnel tunnel = tunnel_named(ifname);

	tunnel_set_local(&tunnel, local);
	tunnel_set_remote(&tunnel, remote);
	return tunnel;
}

/**
 * tunnel_numbered - a tunnel that differs from others by its name and key
 * @number: its key
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_numbered(int number)
{
	struct tunnel tunnel = tunnel_new("", "192.0.2.1", "10.0.0.1");

	snprintf(tunnel.ifname, sizeof(tunnel.ifname), "t%d", number);
	tunnel_set(&tunnel, A(IKEY), number);
	return tunnel;
}

/**
 * tunnel_set - set an attribute of a tunnel
 * @tunnel: the tunnel
 * @type: which attribute
 * @value: its value
 */
void tunnel_set(struct tunnel *tunnel, uint16_t type, uint32_t value)
{
	tunnel->present |= BIT(type);
	tunnel->value[type] = value;
}

/**
 * tunnel_set_secret - set what keepalives are signed with
 * @tunnel: the tunnel
 * @byte: each byte of it
 */
void tunnel_set_secret(struct tunnel *tunnel, uint8_t byte)
{
	tunnel->present |= BIT(A(KEEPALIVE_SECRET));
	memset(tunnel->secret, byte, sizeof(tunnel->secret));
}

/**
 * tunnel_unset - take an attribute of a tunnel away
 * @tunnel: the tunnel
 * @type: which attribute
 */
void tunnel_unset(struct tunnel *tunnel, uint16_t type)
{
	tunnel->present &= ~BIT(type);
	tunnel->value[type] = 0;
	if (tunnel_addr6(tunnel, type))
		memset(tunnel_addr6(tunnel, type), 0, sizeof(struct in6_addr));
}

/**
 * tunnel_addr6 - the IPv6 address that is an attribute of a tunnel
 * @tunnel: the tunnel
 * @type: which attribute
 *
 * Return: the address, or NULL if the attribute is something else.
 */
struct in6_addr *tunnel_addr6(struct tunnel *tunnel, uint16_t type)
{
	switch (type) {
	case A(LOCAL_IPV6):
		return &tunnel->local6;
	case A(REMOTE_IPV6):
		return &tunnel->remote6;
	}
	return NULL;
}

/* Set the attribute that is of the family of @addr. */
static void set_addr(struct tunnel *tunnel, uint16_t type4, uint16_t type6,
		     const char *addr)
{
	if (inet_pton(AF_INET6, addr, tunnel_addr6(tunnel, type6)) == 1)
		tunnel->present |= BIT(type6);
	else
		tunnel_set(tunnel, type4, inet_addr(addr));
}

/**
 * tunnel_set_local - set the outer source address of a tunnel
 * @tunnel: the tunnel
 * @addr: the address, of either family; one of the other family stays
 */
void tunnel_set_local(struct tunnel *tunnel, const char *addr)
{
	set_addr(tunnel, A(LOCAL_IPV4), A(LOCAL_IPV6), addr);
}

/**
 * tunnel_set_local_dev - have the address of a device for the outer source address
 * @tunnel: the tunnel; an address that it has goes
 * @ifname: name of the device
 */
void tunnel_set_local_dev(struct tunnel *tunnel, const char *ifname)
{
	tunnel_unset(tunnel, A(LOCAL_IPV4));
	tunnel_unset(tunnel, A(LOCAL_IPV6));
	tunnel->present |= BIT(A(LOCAL_DEV));
	snprintf(tunnel->local_dev, sizeof(tunnel->local_dev), "%s", ifname);
}

/**
 * tunnel_set_remote - set the outer destination address of a tunnel
 * @tunnel: the tunnel
 * @addr: the address, of either family; one of the other family stays
 */
void tunnel_set_remote(struct tunnel *tunnel, const char *addr)
{
	set_addr(tunnel, A(REMOTE_IPV4), A(REMOTE_IPV6), addr);
}

/**
 * tunnel_attr_size - what an attribute takes on the wire
 * @type: attribute that is a number, a flag, an IPv6 address or a secret
 *
 * Return: bytes.
 */
size_t tunnel_attr_size(uint16_t type)
{
	const uint64_t bytes = BIT(A(TTL)) | BIT(A(TOS)) | BIT(A(TOS_INHERIT)) |
			       BIT(A(CSUM)) | BIT(A(SEQ)) | BIT(A(DF)) |
			       BIT(A(FASTPATH)) | BIT(A(EXTERNAL)) |
			       BIT(A(FLOWLABEL_MODE)) | BIT(A(ENCAP_LIMIT)) |
			       BIT(A(MSS_CLAMP)) | BIT(A(KEEPALIVE_RETRIES)) |
			       BIT(A(ENCAP));

	if (type == A(UP))
		return 0;
	if (type == A(LOCAL_IPV6) || type == A(REMOTE_IPV6))
		return sizeof(struct in6_addr);
	if (type == A(ENCAP_PORT) || type == A(ENCAP_SOURCE_PORT))
		return sizeof(uint16_t);
	if (type == A(KEEPALIVE_SECRET))
		return SECRET_LEN;
	return bytes & BIT(type) ? sizeof(uint8_t) : sizeof(uint32_t);
}

static void read_option(struct tunnel *tunnel, const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	tunnel->present |= BIT(type);
	if (type == A(IFNAME))
		snprintf(tunnel->ifname, sizeof(tunnel->ifname), "%s",
			 mnl_attr_get_str(attr));
	else if (type == A(LOCAL_DEV))
		snprintf(tunnel->local_dev, sizeof(tunnel->local_dev), "%s",
			 mnl_attr_get_str(attr));
	else if (tunnel_addr6(tunnel, type))
		memcpy(tunnel_addr6(tunnel, type), mnl_attr_get_payload(attr),
		       sizeof(struct in6_addr));
	else if (type == A(KEEPALIVE_SECRET))
		memcpy(tunnel->secret, mnl_attr_get_payload(attr), SECRET_LEN);
	else if (tunnel_attr_size(type) == 1)
		tunnel->value[type] = mnl_attr_get_u8(attr);
	else if (tunnel_attr_size(type) == 2)
		tunnel->value[type] = mnl_attr_get_u16(attr);
	else if (tunnel_attr_size(type) == 4)
		tunnel->value[type] = mnl_attr_get_u32(attr);
}

static void read_loop(struct loop *loop, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case GRETUN_A_LOOP_IFINDEX:
			loop->ifindex = mnl_attr_get_u32(attr);
			break;
		case GRETUN_A_LOOP_IFNAME:
			snprintf(loop->ifname, sizeof(loop->ifname), "%s",
				 mnl_attr_get_str(attr));
			break;
		case GRETUN_A_LOOP_DST_IPV4:
			inet_ntop(AF_INET, mnl_attr_get_payload(attr),
				  loop->dst, sizeof(loop->dst));
			break;
		case GRETUN_A_LOOP_DST_IPV6:
			inet_ntop(AF_INET6, mnl_attr_get_payload(attr),
				  loop->dst, sizeof(loop->dst));
			break;
		case GRETUN_A_LOOP_PREFIXLEN:
			loop->prefixlen = mnl_attr_get_u8(attr);
			break;
		case GRETUN_A_LOOP_TABLE:
			loop->table = mnl_attr_get_u32(attr);
			break;
		}
	}
}

static void read_keepalive(struct keepalive *keepalive,
			   const struct nlattr *nest)
{
	const struct nlattr *attr;
	uint16_t type;

	mnl_attr_for_each_nested(attr, nest) {
		type = mnl_attr_get_type(attr);
		/* Where 64 bits must be aligned there is padding. */
		if (type > GRETUN_A_KEEPALIVE_MAX ||
		    type == GRETUN_A_KEEPALIVE_PAD)
			continue;
		keepalive->present |= BIT(type);
		memcpy(&keepalive->value[type], mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
	}
}

static void read_state(struct tunnel *tunnel, const struct nlattr *attr)
{
	tunnel->has_state = true;
	switch (mnl_attr_get_type(attr)) {
	case GRETUN_A_STATE_OPERSTATE:
		tunnel->operstate = mnl_attr_get_u8(attr);
		break;
	case GRETUN_A_STATE_FLAGS:
		tunnel->flags = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_MTU:
		tunnel->mtu = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_OVERHEAD:
		tunnel->overhead = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_LOOP:
		read_loop(&tunnel->loop, attr);
		break;
	case GRETUN_A_STATE_REASON:
		tunnel->reason = mnl_attr_get_u8(attr);
		break;
	case GRETUN_A_STATE_KEEPALIVE:
		read_keepalive(&tunnel->keepalive, attr);
		break;
	case GRETUN_A_STATE_KEEPALIVE_SIGNED:
		tunnel->is_signed = true;
		break;
	}
}

/**
 * tunnel_read - read a tunnel from a reply or an event
 * @msg: the message
 * @tunnel: where it goes
 */
void tunnel_read(const struct nlmsghdr *msg, struct tunnel *tunnel)
{
	const struct nlattr *nest, *attr;

	memset(tunnel, 0, sizeof(*tunnel));
	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		mnl_attr_for_each_nested(attr, nest) {
			if (mnl_attr_get_type(nest) == GRETUN_A_TUNNEL)
				read_option(tunnel, attr);
			else if (mnl_attr_get_type(nest) == GRETUN_A_STATE)
				read_state(tunnel, attr);
		}
	}
}
