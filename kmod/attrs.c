// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes that are read: into the parameters of a tunnel or the
 * defaults of a netns, with a reason for everything that is refused.
 */
#include "gretun.h"
#include "netlink-gen.h"

#include <linux/bitmap.h>
#include <linux/inet.h>
#include <linux/rtnetlink.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

/* That of GRE in UDP (RFC 8086, section 8.1). */
#define GRETUN_DEFAULT_PORT 4754

/* Refuse the attribute named; the value of the expression is the error. */
#define GRETUN_REFUSE(extack, attr, err, msg)				\
	({								\
		NL_SET_ERR_MSG_ATTR(extack, attr, msg);			\
		(err);							\
	})

/* An attribute that is there twice is refused, as only one could count. */
static int gretun_attrs_once(const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	DECLARE_BITMAP(seen, GRETUN_A_TUNNEL_MAX + 1) = {};
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) <= GRETUN_A_TUNNEL_MAX &&
		    __test_and_set_bit(nla_type(attr), seen))
			return GRETUN_REFUSE(extack, attr, -EINVAL,
					     "this attribute is given twice");
	return 0;
}

/**
 * gretun_attrs_parse - take a tunnel nest apart
 * @nest: the nest, already validated against the policy
 * @tb: where the attributes go, by type, %GRETUN_A_TUNNEL_MAX + 1 of them
 * @extack: says why it was refused
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int gretun_attrs_parse(const struct nlattr *nest, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	int err = gretun_attrs_once(nest, extack);

	if (err)
		return err;
	return nla_parse_nested(tb, GRETUN_A_TUNNEL_MAX, nest,
				gretun_tunnel_nl_policy, extack);
}

/* The attribute of an address, of whichever family. */
static const struct nlattr *gretun_attrs_local(struct nlattr **tb)
{
	return tb[GRETUN_A_TUNNEL_LOCAL_IPV4] ?: tb[GRETUN_A_TUNNEL_LOCAL_IPV6];
}

static const struct nlattr *gretun_attrs_remote(struct nlattr **tb)
{
	return tb[GRETUN_A_TUNNEL_REMOTE_IPV4] ?:
	       tb[GRETUN_A_TUNNEL_REMOTE_IPV6];
}

static bool gretun_attrs_unicast(const struct in6_addr *addr)
{
	__be32 ipv4 = gretun_addr_ipv4(addr);

	if (!ipv6_addr_v4mapped(addr))
		return !ipv6_addr_any(addr) && !ipv6_addr_is_multicast(addr) &&
		       !ipv6_addr_loopback(addr);
	return !ipv4_is_zeronet(ipv4) && !ipv4_is_multicast(ipv4) &&
	       !ipv4_is_lbcast(ipv4);
}

static bool gretun_attrs_multicast(const struct in6_addr *addr)
{
	return ipv6_addr_v4mapped(addr) ?
	       ipv4_is_multicast(gretun_addr_ipv4(addr)) :
	       ipv6_addr_is_multicast(addr);
}

static int gretun_attrs_check_remote(const struct nlattr *remote,
				     const struct gretun_params *params,
				     struct netlink_ext_ack *extack)
{
	if (gretun_attrs_multicast(&params->remote))
		return GRETUN_REFUSE(extack, remote, -EINVAL,
				     "remote is a multicast address; a tunnel has one peer, or any");
	if (!gretun_attrs_unicast(&params->remote) &&
	    !gretun_addr_is_any(&params->remote))
		return GRETUN_REFUSE(extack, remote, -EINVAL,
				     "remote must be the unicast address of the peer, or all zeros for any");
	return 0;
}

static int gretun_attrs_check_addrs(const struct nlattr *nest,
				    struct nlattr **tb,
				    const struct gretun_params *params,
				    struct netlink_ext_ack *extack)
{
	const struct nlattr *remote = gretun_attrs_remote(tb);
	const struct nlattr *local = gretun_attrs_local(tb);
	int err;

	if (local && !gretun_attrs_unicast(&params->local) &&
	    !(params->external && gretun_addr_is_any(&params->local)))
		return GRETUN_REFUSE(extack, local, -EINVAL,
				     "local must be a unicast address of this host");
	if (params->external)
		return 0;
	if (remote) {
		err = gretun_attrs_check_remote(remote, params, extack);
		if (err)
			return err;
	}
	if ((local || remote) && !gretun_local_missing(params) &&
	    ipv6_addr_equal(&params->local, &params->remote))
		return GRETUN_REFUSE(extack, remote ?: local, -EINVAL,
				     "local and remote are the same address");
	if (params->v6 && !params->link &&
	    ipv6_addr_type(&params->remote) & IPV6_ADDR_LINKLOCAL)
		return GRETUN_REFUSE(extack, remote ?:
				     tb[GRETUN_A_TUNNEL_LINK] ?: nest, -EINVAL,
				     "a link-local remote address needs the link, the device that it is on");
	return 0;
}

/* What only one of the families has. */
static int gretun_attrs_check_family(struct nlattr **tb,
				     const struct gretun_params *params,
				     struct netlink_ext_ack *extack)
{
	bool fixed = params->flowlabel_mode == GRETUN_FLOWLABEL_MODE_FIXED;

	if (params->flowlabel > ntohl(IPV6_FLOWLABEL_MASK))
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_FLOWLABEL],
				     -ERANGE,
				     "flowlabel has 20 bits, up to 0xfffff");
	if (params->flowlabel && !fixed)
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_FLOWLABEL] ?:
				     tb[GRETUN_A_TUNNEL_FLOWLABEL_MODE], -EINVAL,
				     "flowlabel is for flowlabel-mode fixed; it must be 0 otherwise");
	if (params->v6)
		return 0;
	if (tb[GRETUN_A_TUNNEL_FLOWLABEL] || tb[GRETUN_A_TUNNEL_FLOWLABEL_MODE])
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_FLOWLABEL] ?:
				     tb[GRETUN_A_TUNNEL_FLOWLABEL_MODE], -EINVAL,
				     "flowlabel is for IPv6 outer packets only");
	if (params->has_encap_limit)
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_ENCAP_LIMIT],
				     -EINVAL,
				     "encap-limit is for IPv6 outer packets only");
	return 0;
}

static int gretun_attrs_check_mtu(const struct nlattr *nest,
				  struct nlattr **tb,
				  const struct gretun_params *params,
				  struct netlink_ext_ack *extack)
{
	const struct nlattr *mtu = tb[GRETUN_A_TUNNEL_MTU];
	struct gretun_encap encap;

	if (!params->mtu)
		return 0;
	gretun_outer_template(&encap, params);
	if (params->mtu < ETH_MIN_MTU)
		return GRETUN_REFUSE(extack, mtu, -ERANGE,
				     "mtu must be 0 for automatic, or at least 68");
	if (params->mtu > IP_MAX_MTU - encap.overhead)
		return GRETUN_REFUSE(extack, mtu ?: nest, -ERANGE,
				     "mtu leaves no room for the outer headers in 65535 bytes");
	return 0;
}

/* What the metadata of packets says is not for the device to say. */
static int gretun_attrs_check_external(struct nlattr **tb,
				       const struct gretun_params *params,
				       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = NULL;

	if (!params->external)
		return 0;
	if (params->local_dev[0])
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_LOCAL_DEV],
				     -EINVAL,
				     "an external device follows no other device; give it an address, or any");
	if (!gretun_addr_is_any(&params->remote))
		attr = gretun_attrs_remote(tb);
	else if (params->has_encap_limit)
		attr = tb[GRETUN_A_TUNNEL_ENCAP_LIMIT];
	else if (params->has_ikey)
		attr = tb[GRETUN_A_TUNNEL_IKEY];
	else if (params->has_okey)
		attr = tb[GRETUN_A_TUNNEL_OKEY];
	else if (params->csum)
		attr = tb[GRETUN_A_TUNNEL_CSUM];
	else if (params->seq)
		attr = tb[GRETUN_A_TUNNEL_SEQ];
	else if (params->tos)
		attr = tb[GRETUN_A_TUNNEL_TOS];
	else if (params->tos_inherit)
		attr = tb[GRETUN_A_TUNNEL_TOS_INHERIT];
	if (attr)
		return GRETUN_REFUSE(extack, attr, -EINVAL,
				     "the metadata of packets sets this for an external device");
	return 0;
}

/* What goes with UDP, and what does not. */
static int gretun_attrs_check_encap(struct nlattr **tb,
				    const struct gretun_params *params,
				    struct netlink_ext_ack *extack)
{
	const struct nlattr *encap = tb[GRETUN_A_TUNNEL_ENCAP];
	const struct nlattr *port = tb[GRETUN_A_TUNNEL_ENCAP_PORT] ?:
				    tb[GRETUN_A_TUNNEL_ENCAP_SOURCE_PORT];

	if (params->encap != GRETUN_ENCAP_UDP)
		return !port ? 0 :
		       GRETUN_REFUSE(extack, port, -EINVAL,
				     "only encap udp has ports");
	if (params->external)
		return GRETUN_REFUSE(extack, encap, -EINVAL,
				     "an external device sends GRE without UDP");
	if (params->fastpath)
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_FASTPATH] ?:
				     encap, -EINVAL,
				     "fastpath is for GRE without UDP; a UDP packet goes through the firewall and to a socket");
	return 0;
}

static int gretun_attrs_check_secret(struct nlattr **tb,
				     const struct gretun_params *params,
				     struct netlink_ext_ack *extack)
{
	const struct nlattr *secret = tb[GRETUN_A_TUNNEL_KEEPALIVE_SECRET];

	if (!secret)
		return 0;
	if (params->external)
		return GRETUN_REFUSE(extack, secret, -EINVAL,
				     "keepalive is for one peer, and an external device has none of its own");
	if (!memchr_inv(params->secret, 0, sizeof(params->secret)))
		return GRETUN_REFUSE(extack, secret, -EINVAL,
				     "all zeros are no secret; take 32 bytes at random");
	return 0;
}

static int gretun_attrs_check_keepalive(struct nlattr **tb,
					const struct gretun_params *params,
					struct netlink_ext_ack *extack)
{
	const struct nlattr *period = tb[GRETUN_A_TUNNEL_KEEPALIVE_PERIOD];

	if (!params->keepalive_period || gretun_has_peer(params) ||
	    (params->has_secret && !params->external))
		return 0;
	if (params->external)
		return GRETUN_REFUSE(extack, period, -EINVAL,
				     "keepalive is for one peer, and an external device has none of its own");
	return GRETUN_REFUSE(extack, period ?: gretun_attrs_remote(tb) ?:
			     tb[GRETUN_A_TUNNEL_UNSET], -EINVAL,
			     "keepalive is for one peer, and remote is any; name the peer, give both ends a keepalive-secret, or turn keepalive off");
}

/*
 * Take the addresses. Those of a tunnel that is there are of its family, and
 * what is not given is any.
 */
static int gretun_attrs_addrs(struct nlattr **tb, bool is_new,
			      struct gretun_params *params,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *six = tb[GRETUN_A_TUNNEL_LOCAL_IPV6] ?:
				   tb[GRETUN_A_TUNNEL_REMOTE_IPV6];
	const struct nlattr *four = tb[GRETUN_A_TUNNEL_LOCAL_IPV4] ?:
				    tb[GRETUN_A_TUNNEL_REMOTE_IPV4];

	if (six && four)
		return GRETUN_REFUSE(extack, six, -EINVAL,
				     "local and remote must both be IPv4 or both be IPv6 addresses");
	if (is_new && six) {
		if (!ipv6_mod_enabled())
			return GRETUN_REFUSE(extack, six, -EAFNOSUPPORT,
					     "IPv6 is turned off on this host (ipv6.disable)");
		params->v6 = true;
		params->local = in6addr_any;
		params->remote = in6addr_any;
	}
	if (params->v6 && four)
		return GRETUN_REFUSE(extack, four, -EINVAL,
				     "the outer packets of this tunnel are IPv6; delete it and add it again");
	if (!params->v6 && six)
		return GRETUN_REFUSE(extack, six, -EINVAL,
				     "the outer packets of this tunnel are IPv4; delete it and add it again");

	if (tb[GRETUN_A_TUNNEL_LOCAL_IPV4])
		params->local =
			gretun_addr4(nla_get_in_addr(tb[GRETUN_A_TUNNEL_LOCAL_IPV4]));
	if (tb[GRETUN_A_TUNNEL_REMOTE_IPV4])
		params->remote =
			gretun_addr4(nla_get_in_addr(tb[GRETUN_A_TUNNEL_REMOTE_IPV4]));
	if (tb[GRETUN_A_TUNNEL_LOCAL_IPV6])
		params->local = nla_get_in6_addr(tb[GRETUN_A_TUNNEL_LOCAL_IPV6]);
	if (tb[GRETUN_A_TUNNEL_REMOTE_IPV6])
		params->remote =
			nla_get_in6_addr(tb[GRETUN_A_TUNNEL_REMOTE_IPV6]);
	if (is_new || gretun_attrs_remote(tb)) {
		params->set_remote = params->remote;
		gretun_roam_home(params);
	}
	if (params->v6 && ipv6_addr_v4mapped(&params->local))
		six = tb[GRETUN_A_TUNNEL_LOCAL_IPV6];
	else if (params->v6 && ipv6_addr_v4mapped(&params->remote))
		six = tb[GRETUN_A_TUNNEL_REMOTE_IPV6];
	else
		return 0;
	return GRETUN_REFUSE(extack, six, -EINVAL,
			     "an IPv4-mapped IPv6 address is never in a packet");
}

/*
 * With UDP there always is a port, without it never. Where the peer is now is
 * known for the port of before.
 */
static void gretun_attrs_encap(struct nlattr **tb,
			       struct gretun_params *params)
{
	if (tb[GRETUN_A_TUNNEL_ENCAP] || tb[GRETUN_A_TUNNEL_ENCAP_PORT])
		gretun_roam_home(params);
	if (tb[GRETUN_A_TUNNEL_ENCAP])
		params->encap = nla_get_u8(tb[GRETUN_A_TUNNEL_ENCAP]);
	if (params->encap != GRETUN_ENCAP_UDP) {
		params->encap_port = 0;
		params->encap_source_port = 0;
		return;
	}
	if (!params->encap_port)
		params->encap_port = GRETUN_DEFAULT_PORT;
	if (tb[GRETUN_A_TUNNEL_ENCAP_PORT])
		params->encap_port =
			nla_get_u16(tb[GRETUN_A_TUNNEL_ENCAP_PORT]);
	if (tb[GRETUN_A_TUNNEL_ENCAP_SOURCE_PORT])
		params->encap_source_port =
			nla_get_u16(tb[GRETUN_A_TUNNEL_ENCAP_SOURCE_PORT]);
}

/* Where the local address comes from. What is given last counts. */
static int gretun_attrs_local_dev(struct nlattr **tb,
				  struct gretun_params *params,
				  struct netlink_ext_ack *extack)
{
	const struct nlattr *dev = tb[GRETUN_A_TUNNEL_LOCAL_DEV];
	char name[IFNAMSIZ] = "";

	if (!dev && !gretun_attrs_local(tb))
		return 0;
	if (dev && gretun_attrs_local(tb))
		return GRETUN_REFUSE(extack, dev, -EINVAL,
				     "local-dev gives the local address; there cannot be another one beside it");
	if (dev) {
		nla_strscpy(name, dev, sizeof(name));
		if (!dev_valid_name(name))
			return GRETUN_REFUSE(extack, dev, -EINVAL,
					     "not the name of a device: 1 to 15 characters, no space, '/' or ':'");
	}
	if (strcmp(name, params->local_dev))
		params->local_ifindex = 0;
	strscpy(params->local_dev, name, sizeof(params->local_dev));
	params->local_taken = false;
	return 0;
}

static int gretun_attrs_options(struct nlattr **tb,
				struct gretun_params *params,
				struct netlink_ext_ack *extack)
{
	u32 unset = tb[GRETUN_A_TUNNEL_UNSET] ?
		    nla_get_u32(tb[GRETUN_A_TUNNEL_UNSET]) : 0;

	if ((unset & GRETUN_OPTION_IKEY && tb[GRETUN_A_TUNNEL_IKEY]) ||
	    (unset & GRETUN_OPTION_OKEY && tb[GRETUN_A_TUNNEL_OKEY]) ||
	    (unset & GRETUN_OPTION_ENCAP_LIMIT &&
	     tb[GRETUN_A_TUNNEL_ENCAP_LIMIT]))
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_UNSET], -EINVAL,
				     "an option is given a value and taken away in the same request");
	if (unset & GRETUN_OPTION_IKEY) {
		params->has_ikey = false;
		params->ikey = 0;
	}
	if (unset & GRETUN_OPTION_OKEY) {
		params->has_okey = false;
		params->okey = 0;
	}
	if (tb[GRETUN_A_TUNNEL_IKEY]) {
		params->has_ikey = true;
		params->ikey = nla_get_u32(tb[GRETUN_A_TUNNEL_IKEY]);
	}
	if (tb[GRETUN_A_TUNNEL_OKEY]) {
		params->has_okey = true;
		params->okey = nla_get_u32(tb[GRETUN_A_TUNNEL_OKEY]);
	}
	if (unset & GRETUN_OPTION_ENCAP_LIMIT) {
		params->has_encap_limit = false;
		params->encap_limit = 0;
	}
	if (tb[GRETUN_A_TUNNEL_ENCAP_LIMIT]) {
		params->has_encap_limit = true;
		params->encap_limit = nla_get_u8(tb[GRETUN_A_TUNNEL_ENCAP_LIMIT]);
	}
	return 0;
}

/*
 * Take the secret. Where the peer is now is known from it, and only for as long
 * as keepalive is on.
 */
static void gretun_attrs_secret(struct nlattr **tb,
				struct gretun_params *params)
{
	u32 unset = tb[GRETUN_A_TUNNEL_UNSET] ?
		    nla_get_u32(tb[GRETUN_A_TUNNEL_UNSET]) : 0;
	const struct nlattr *secret = tb[GRETUN_A_TUNNEL_KEEPALIVE_SECRET];

	if (unset & GRETUN_OPTION_KEEPALIVE_SECRET) {
		params->has_secret = false;
		memset(params->secret, 0, sizeof(params->secret));
	}
	if (secret && (!params->has_secret ||
		       nla_memcmp(secret, params->secret,
				  sizeof(params->secret)))) {
		gretun_roam_home(params);
		params->has_secret = true;
		nla_memcpy(params->secret, secret, sizeof(params->secret));
	}
	if (!params->has_secret || !params->keepalive_period)
		gretun_roam_home(params);
}

/**
 * gretun_attrs_params - apply attributes to parameters
 * @nest: the tunnel nest
 * @tb: its attributes by type
 * @net: netns of the outer packets
 * @is_new: the tunnel is to be made
 * @params: what holds for attributes not given; the result on success
 * @extack: says why it was refused
 *
 * Context: process, RTNL held.
 * Return: 0, or a negative error code with @extack set.
 */
int gretun_attrs_params(const struct nlattr *nest, struct nlattr **tb,
			const struct net *net, bool is_new,
			struct gretun_params *params,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *link = tb[GRETUN_A_TUNNEL_LINK];
	int err;

	err = gretun_attrs_addrs(tb, is_new, params, extack);
	if (err)
		return err;
	err = gretun_attrs_local_dev(tb, params, extack);
	if (err)
		return err;
	if (link)
		params->link = nla_get_u32(link);
	if (tb[GRETUN_A_TUNNEL_TTL])
		params->ttl = nla_get_u8(tb[GRETUN_A_TUNNEL_TTL]);
	if (tb[GRETUN_A_TUNNEL_TOS])
		params->tos = nla_get_u8(tb[GRETUN_A_TUNNEL_TOS]);
	if (tb[GRETUN_A_TUNNEL_TOS_INHERIT])
		params->tos_inherit =
			nla_get_u8(tb[GRETUN_A_TUNNEL_TOS_INHERIT]);
	if (tb[GRETUN_A_TUNNEL_CSUM])
		params->csum = nla_get_u8(tb[GRETUN_A_TUNNEL_CSUM]);
	if (tb[GRETUN_A_TUNNEL_SEQ])
		params->seq = nla_get_u8(tb[GRETUN_A_TUNNEL_SEQ]);
	if (tb[GRETUN_A_TUNNEL_DF])
		params->df = nla_get_u8(tb[GRETUN_A_TUNNEL_DF]);
	if (tb[GRETUN_A_TUNNEL_MTU])
		params->mtu = nla_get_u32(tb[GRETUN_A_TUNNEL_MTU]);
	if (tb[GRETUN_A_TUNNEL_FWMARK])
		params->fwmark = nla_get_u32(tb[GRETUN_A_TUNNEL_FWMARK]);
	if (tb[GRETUN_A_TUNNEL_FASTPATH])
		params->fastpath = nla_get_u8(tb[GRETUN_A_TUNNEL_FASTPATH]);
	if (tb[GRETUN_A_TUNNEL_EXTERNAL])
		params->external = nla_get_u8(tb[GRETUN_A_TUNNEL_EXTERNAL]);
	if (tb[GRETUN_A_TUNNEL_FLOWLABEL])
		params->flowlabel = nla_get_u32(tb[GRETUN_A_TUNNEL_FLOWLABEL]);
	if (tb[GRETUN_A_TUNNEL_FLOWLABEL_MODE])
		params->flowlabel_mode =
			nla_get_u8(tb[GRETUN_A_TUNNEL_FLOWLABEL_MODE]);
	if (tb[GRETUN_A_TUNNEL_MSS_CLAMP])
		params->mss_clamp = nla_get_u8(tb[GRETUN_A_TUNNEL_MSS_CLAMP]);
	if (tb[GRETUN_A_TUNNEL_KEEPALIVE_PERIOD])
		params->keepalive_period =
			nla_get_u32(tb[GRETUN_A_TUNNEL_KEEPALIVE_PERIOD]);
	if (tb[GRETUN_A_TUNNEL_KEEPALIVE_RETRIES])
		params->keepalive_retries =
			nla_get_u8(tb[GRETUN_A_TUNNEL_KEEPALIVE_RETRIES]);
	gretun_attrs_encap(tb, params);
	err = gretun_attrs_options(tb, params, extack);
	if (err)
		return err;
	gretun_attrs_secret(tb, params);

	if (params->tos & INET_ECN_MASK)
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_TOS], -EINVAL,
				     "the two low bits of tos are ECN and follow RFC 6040; they must be 0");
	if (link && params->link &&
	    (params->link > INT_MAX ||
	     !__dev_get_by_index((struct net *)net, params->link)))
		return GRETUN_REFUSE(extack, link, -ENODEV,
				     "there is no such underlay device in the netns of the outer packets");
	err = gretun_attrs_check_external(tb, params, extack);
	if (err)
		return err;
	gretun_local_find(net, params);
	err = gretun_attrs_check_addrs(nest, tb, params, extack);
	if (err)
		return err;
	err = gretun_attrs_check_family(tb, params, extack);
	if (err)
		return err;
	err = gretun_attrs_check_encap(tb, params, extack);
	if (err)
		return err;
	err = gretun_attrs_check_secret(tb, params, extack);
	if (err)
		return err;
	err = gretun_attrs_check_keepalive(tb, params, extack);
	if (err)
		return err;
	return gretun_attrs_check_mtu(nest, tb, params, extack);
}

/**
 * gretun_attrs_defaults - apply attributes to what new tunnels are like
 * @nest: the defaults nest
 * @gn: the netns
 * @extack: says why it was refused
 *
 * Context: process, RTNL held.
 * Return: 0, or a negative error code with @extack set and nothing changed.
 */
int gretun_attrs_defaults(const struct nlattr *nest, struct gretun_net *gn,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[GRETUN_A_DEFAULTS_MAX + 1];
	const struct nlattr *mtu;
	int err;

	err = gretun_attrs_once(nest, extack);
	if (err)
		return err;
	err = nla_parse_nested(tb, GRETUN_A_DEFAULTS_MAX, nest,
			       gretun_defaults_nl_policy, extack);
	if (err)
		return err;
	mtu = tb[GRETUN_A_DEFAULTS_MTU];
	if (mtu && nla_get_u32(mtu) &&
	    (nla_get_u32(mtu) < ETH_MIN_MTU || nla_get_u32(mtu) > IP_MAX_MTU))
		return GRETUN_REFUSE(extack, mtu, -ERANGE,
				     "mtu must be 0 for automatic, or from 68 to 65535");

	if (mtu)
		WRITE_ONCE(gn->defaults.mtu, nla_get_u32(mtu));
	if (tb[GRETUN_A_DEFAULTS_TTL])
		WRITE_ONCE(gn->defaults.ttl,
			   nla_get_u8(tb[GRETUN_A_DEFAULTS_TTL]));
	if (tb[GRETUN_A_DEFAULTS_ALLOW])
		WRITE_ONCE(gn->defaults.allow,
			   nla_get_u8(tb[GRETUN_A_DEFAULTS_ALLOW]));
	return 0;
}
