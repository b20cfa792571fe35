// SPDX-License-Identifier: GPL-2.0
/*
 * The tunnel object: create, change, free. Parameters come as a plain struct
 * that was found good before anything is touched. All of it runs under RTNL.
 */
#include "gretun.h"

#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/xarray.h>
#include <net/ip.h>
#include <net/route.h>

/* What Cisco has. */
#define GRETUN_DEFAULT_RETRIES 3

/*
 * All tunnels by an id that counts up, so that a dump can go on after it
 * whatever was made or deleted meanwhile. Under RTNL.
 */
static DEFINE_XARRAY_ALLOC1(gretun_tunnels);
static u32 gretun_next_id;

static void gretun_key_fill(struct gretun_key *key,
			    const struct gretun_params *params)
{
	*key = (struct gretun_key) {
		.pair.local = params->local,
		.pair.remote = params->remote,
		.key = params->has_ikey ? htonl(params->ikey) : 0,
		.kind = params->external ? GRETUN_KEY_EXTERNAL :
			params->has_ikey ? GRETUN_KEY_GIVEN : GRETUN_KEY_NONE,
	};
	if (params->encap == GRETUN_ENCAP_UDP)
		key->kind = gretun_key_kind_udp(key->kind, params->encap_port);
	if (gretun_local_missing(params))
		key->kind = GRETUN_KEY_MISSING;
	if (!params->external)
		return;
	/* Any address is one of both families. */
	key->pair.remote = gretun_addr4(0);
	if (gretun_addr_is_any(&params->local))
		key->pair.local = gretun_addr4(0);
}

/* Tunnels without a local address are no rivals. */
static void gretun_key_own(struct gretun_key *key,
			   const struct gretun_tunnel *tunnel)
{
	if (key->kind == GRETUN_KEY_MISSING)
		key->key = htonl(tunnel->id);
}

static unsigned long gretun_conf_flags(const struct gretun_params *params)
{
	unsigned long flags = 0;

	if (params->external)
		flags |= BIT(GRETUN_CONF_EXTERNAL);
	else if (gretun_addr_is_any(&params->remote))
		flags |= BIT(GRETUN_CONF_NO_REMOTE);
	if (params->mss_clamp)
		flags |= BIT(GRETUN_CONF_MSS);
	if (gretun_local_missing(params))
		flags |= BIT(GRETUN_CONF_NO_LOCAL);
	if (params->encap == GRETUN_ENCAP_UDP)
		flags |= BIT(GRETUN_CONF_UDP);
	return flags;
}

static struct gretun_conf *gretun_conf_create(struct gretun_tunnel *tunnel,
					      const struct gretun_params *params)
{
	struct gretun_conf *conf;

	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	if (!conf)
		return NULL;
	gretun_key_fill(&conf->key, params);
	gretun_key_own(&conf->key, tunnel);
	conf->tunnel = tunnel;
	conf->dev = tunnel->dev;
	conf->id = ++tunnel->conf_id;
	conf->flags = gretun_conf_flags(params);
	conf->params = *params;
	gretun_outer_template(&conf->encap, params);
	if (params->has_secret)
		gretun_signed_init(conf);
	return conf;
}

/* It may have a secret, which is not for whoever has that memory next. */
static void gretun_conf_free(struct rcu_head *head)
{
	kfree_sensitive(container_of(head, struct gretun_conf, rcu));
}

/*
 * The MTU that the route has by itself, not what a path was found to take. A
 * tunnel without a peer has that of the device it is bound to.
 */
static unsigned int gretun_route_mtu(const struct gretun_tunnel *tunnel,
				     const struct gretun_conf *conf,
				     const struct dst_entry *dst)
{
	const struct net_device *link = NULL;

	if (dst && dst->dev != tunnel->dev)
		return (conf->params.v6 ? gretun_outer6_route_mtu(dst) :
					  dst_metric_raw(dst, RTAX_MTU)) ?:
		       READ_ONCE(dst->dev->mtu);
	if (!gretun_has_peer(&conf->params))
		link = __dev_get_by_index(tunnel->net, conf->params.link);
	return link ? READ_ONCE(link->mtu) : ETH_DATA_LEN;
}

static unsigned int gretun_auto_mtu(const struct gretun_tunnel *tunnel,
				    const struct gretun_conf *conf,
				    const struct dst_entry *dst)
{
	unsigned int overhead = conf->encap.overhead;
	unsigned int mtu = gretun_route_mtu(tunnel, conf, dst);

	mtu = min_t(unsigned int, mtu, IP_MAX_MTU);
	return max(mtu, tunnel->dev->min_mtu + overhead) - overhead;
}

/* The route of the outer packets now; the caller puts it. NULL for none. */
static struct dst_entry *gretun_current_route(const struct gretun_tunnel *tunnel,
					      const struct gretun_conf *conf)
{
	struct dst_entry *dst;

	if (!gretun_has_peer(&conf->params) ||
	    gretun_local_missing(&conf->params))
		return NULL;
	dst = gretun_outer_lookup(tunnel->net, &conf->params);
	return IS_ERR(dst) ? NULL : dst;
}

/**
 * gretun_params_default - parameters of a tunnel with nothing set
 * @gn: netns of its outer packets
 * @params: where they go
 *
 * Context: any.
 */
void gretun_params_default(const struct gretun_net *gn,
			   struct gretun_params *params)
{
	*params = (struct gretun_params) {
		.local = gretun_addr4(0),
		.remote = gretun_addr4(0),
		.set_remote = gretun_addr4(0),
		.ttl = READ_ONCE(gn->defaults.ttl),
		.mtu = READ_ONCE(gn->defaults.mtu),
		.keepalive_retries = GRETUN_DEFAULT_RETRIES,
	};
}

/**
 * gretun_tunnel_params - read back what was set
 * @tunnel: the tunnel
 * @params: where it goes
 *
 * Context: process, RTNL held.
 */
void gretun_tunnel_params(const struct gretun_tunnel *tunnel,
			  struct gretun_params *params)
{
	*params = rtnl_dereference(tunnel->conf)->params;
	/* rtnetlink changes the MTU without a new configuration. */
	params->mtu = tunnel->mtu;
}

/* The tunnel whose peer was set to be where it is not now, with that key. */
static struct gretun_tunnel *gretun_tunnel_away(const struct net *net,
						const struct gretun_key *key)
{
	struct gretun_tunnel *tunnel;
	struct gretun_params params;
	struct gretun_key home;
	unsigned long id;

	for (id = 0; (tunnel = gretun_tunnel_next(&id)); id++) {
		params = rtnl_dereference(tunnel->conf)->params;
		if (!net_eq(tunnel->net, net) || !gretun_roam_moved(&params))
			continue;
		gretun_roam_home(&params);
		gretun_key_fill(&home, &params);
		if (!memcmp(&home, key, sizeof(home)))
			return tunnel;
	}
	return NULL;
}

/**
 * gretun_tunnel_rival - find the tunnel that packets would be taken from
 * @net: netns of the outer packets
 * @params: parameters of a tunnel to be
 *
 * Context: process, RTNL held.
 * Return: the tunnel that has these addresses and this key, or was set to have
 * them, or the external device that has this local address, or NULL.
 */
struct gretun_tunnel *gretun_tunnel_rival(const struct net *net,
					  const struct gretun_params *params)
{
	struct gretun_net *gn = gretun_net(net);
	struct gretun_tunnel *tunnel = NULL;
	struct gretun_conf *conf;
	struct gretun_key key;

	ASSERT_RTNL();
	gretun_key_fill(&key, params);
	rcu_read_lock();
	conf = gretun_lookup(gn, &key);
	if (conf)
		tunnel = conf->tunnel;
	rcu_read_unlock();
	if (!tunnel && gn->moved_count && key.kind != GRETUN_KEY_MISSING)
		tunnel = gretun_tunnel_away(net, &key);
	return tunnel;
}

/**
 * gretun_tunnel_create - make a tunnel and its device
 * @net: netns of the device and of the outer packets
 * @name: name of the device, valid and free
 * @params: its parameters, valid, and without a rival
 *
 * The device is down.
 *
 * Context: process, RTNL held, may sleep.
 * Return: the tunnel, or an error pointer.
 */
struct gretun_tunnel *gretun_tunnel_create(struct net *net, const char *name,
					   const struct gretun_params *params)
{
	struct gretun_tunnel *tunnel;
	struct gretun_conf *conf;
	struct net_device *dev;
	struct dst_entry *dst;
	int err;

	ASSERT_RTNL();
	dev = alloc_netdev(sizeof(*tunnel), name, NET_NAME_USER,
			   gretun_netdev_setup);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev_net_set(dev, net);

	tunnel = netdev_priv(dev);
	tunnel->dev = dev;
	tunnel->net = net;
	tunnel->mtu = params->mtu;
	INIT_LIST_HEAD(&tunnel->batch);
	INIT_LIST_HEAD(&tunnel->follower);
	gretun_keepalive_init(tunnel);
	atomic_set(&tunnel->tx_ids, get_random_u32());
	conf = gretun_conf_create(tunnel, params);
	if (!conf) {
		err = -ENOMEM;
		goto free_dev;
	}
	RCU_INIT_POINTER(tunnel->conf, conf);
	gretun_netdev_apply(dev, conf);
	dst = gretun_current_route(tunnel, conf);
	dev->mtu = tunnel->mtu ?: gretun_auto_mtu(tunnel, conf, dst);
	dst_release(dst);
	if (gretun_local_missing(params))
		netif_carrier_off(dev);

	err = register_netdevice(dev);
	if (err)
		goto free_conf;
	return tunnel;

free_conf:
	/* Gone already if the device got as far as being attached. */
	if (rcu_access_pointer(tunnel->conf))
		kfree_sensitive(conf);
free_dev:
	free_netdev(dev);
	return ERR_PTR(err);
}

/**
 * gretun_tunnel_attach - let packets find a new tunnel
 * @tunnel: a tunnel whose device is being registered
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_tunnel_attach(struct gretun_tunnel *tunnel)
{
	struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	struct gretun_net *gn = gretun_net(tunnel->net);
	int err;

	tunnel->percpu = netdev_alloc_pcpu_stats(struct gretun_percpu);
	if (!tunnel->percpu)
		return -ENOMEM;
	err = xa_alloc_cyclic(&gretun_tunnels, &tunnel->id, tunnel,
			      xa_limit_32b, &gretun_next_id, GFP_KERNEL);
	if (err < 0)
		goto free_stats;
	gretun_key_own(&conf->key, tunnel);
	err = gretun_hook_get(gn, &conf->params);
	if (err)
		goto erase_id;
	err = gretun_udp_get(gn, &conf->params);
	if (err)
		goto put_hook;
	err = gretun_lookup_insert(gn, conf);
	if (err)
		goto put_udp;
	gretun_local_track(tunnel, conf->params.local_dev[0]);
	gretun_signed_insert(gn, conf);
	return 0;

put_udp:
	gretun_udp_put(gn, &conf->params);
put_hook:
	gretun_hook_put(gn, &conf->params);
erase_id:
	xa_erase(&gretun_tunnels, tunnel->id);
free_stats:
	free_percpu(tunnel->percpu);
	return err;
}

/**
 * gretun_tunnel_detach - undo gretun_tunnel_attach(), but for the counters
 * @tunnel: a tunnel whose device is being unregistered
 *
 * Packets may still be on their way through the tunnel, until RCU says.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_tunnel_detach(struct gretun_tunnel *tunnel)
{
	struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	struct gretun_net *gn = gretun_net(tunnel->net);

	gretun_signed_remove(gn, conf);
	gretun_local_track(tunnel, false);
	gretun_lookup_remove(gn, conf);
	gretun_udp_put(gn, &conf->params);
	gretun_hook_put(gn, &conf->params);
	xa_erase(&gretun_tunnels, tunnel->id);
	RCU_INIT_POINTER(tunnel->conf, NULL);
	call_rcu(&conf->rcu, gretun_conf_free);
}

/**
 * gretun_tunnel_set - change a tunnel
 * @tunnel: the tunnel
 * @params: all its parameters, valid, and without a rival
 *
 * A change of the remote address, other than to where the peer has moved, or of
 * the use of sequence numbers starts them anew. On an error nothing has changed.
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_tunnel_set(struct gretun_tunnel *tunnel,
		      const struct gretun_params *params)
{
	struct gretun_conf *old = rtnl_dereference(tunnel->conf);
	struct gretun_net *gn = gretun_net(tunnel->net);
	struct gretun_conf *conf;
	int err;

	conf = gretun_conf_create(tunnel, params);
	if (!conf)
		return -ENOMEM;
	err = gretun_udp_get(gn, params);
	if (err)
		goto free_conf;
	err = gretun_lookup_replace(gn, old, conf);
	if (err)
		goto put_udp;
	gretun_signed_insert(gn, conf);
	gretun_signed_remove(gn, old);

	rcu_assign_pointer(tunnel->conf, conf);
	if (params->external) {
		/* Metadata keeps routes that were looked up for the old one. */
		synchronize_net();
		rt_genid_bump_ipv4(tunnel->net);
		rt_genid_bump_ipv6(tunnel->net);
	}
	if (!ipv6_addr_equal(&old->params.set_remote, &params->set_remote) ||
	    old->params.seq != params->seq) {
		atomic_set(&tunnel->tx_seq, 0);
		atomic64_set(&tunnel->rx_seq, 0);
	}
	gretun_local_track(tunnel, params->local_dev[0]);
	if (!gretun_roam_moved(params))
		tunnel->keepalive.roam.moves = 0;
	gretun_keepalive_set(tunnel, old);
	gretun_tunnel_carrier(tunnel);
	gretun_udp_put(gn, &old->params);
	call_rcu(&old->rcu, gretun_conf_free);

	tunnel->mtu = params->mtu;
	gretun_netdev_apply(tunnel->dev, conf);
	gretun_tunnel_follow(tunnel);
	return 0;

put_udp:
	gretun_udp_put(gn, params);
free_conf:
	kfree_sensitive(conf);
	return err;
}

/**
 * gretun_tunnel_follow - bring what depends on the underlay's route up to date
 * @tunnel: the tunnel
 *
 * The device's MTU is what was set, or else what the route of the outer packets
 * leaves. While the route leads back into the tunnel, or there is no local
 * address, it stays as it is.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_tunnel_follow(struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	struct dst_entry *dst = gretun_current_route(tunnel, conf);
	unsigned int mtu = tunnel->mtu;
	struct gretun_loop loop;
	bool changed;

	gretun_loop_find(conf, dst, &loop);
	changed = memcmp(&tunnel->loop, &loop, sizeof(loop));
	if (changed)
		tunnel->loop = loop;
	if (!mtu)
		mtu = loop.ifindex || gretun_local_missing(&conf->params) ?
			      tunnel->dev->mtu :
			      gretun_auto_mtu(tunnel, conf, dst);
	dst_release(dst);
	if (mtu != tunnel->dev->mtu) {
		tunnel->mtu_follows = true;
		dev_set_mtu(tunnel->dev, mtu);
		tunnel->mtu_follows = false;
	}
	if (changed)
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_STATE_NTF);
}

/**
 * gretun_tunnel_carrier - give the device its carrier, or take it
 * @tunnel: the tunnel
 *
 * It has none while there is no local address, or keepalive finds the peer dead.
 *
 * Context: process, RTNL held.
 * Return: true if that is a change.
 */
bool gretun_tunnel_carrier(struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	bool down = gretun_local_missing(&conf->params) ||
		    gretun_keepalive_down(tunnel);

	if (down != netif_carrier_ok(tunnel->dev))
		return false;
	if (down)
		netif_carrier_off(tunnel->dev);
	else
		netif_carrier_on(tunnel->dev);
	return true;
}

/**
 * gretun_tunnel_next - walk over all tunnels of all netns
 * @id: where to go on, 0 at first; then that of the tunnel returned
 *
 * Context: process, RTNL held.
 * Return: the tunnel with the lowest id that is at least @id, or NULL.
 */
struct gretun_tunnel *gretun_tunnel_next(unsigned long *id)
{
	ASSERT_RTNL();
	return xa_find(&gretun_tunnels, id, ULONG_MAX, XA_PRESENT);
}
