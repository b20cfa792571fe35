// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a device that do not go through the gretun family.
 */
#include "link.h"

#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* An old-style request about a device; returns 0, or an errno. */
static int link_ioctl(unsigned long request, const char *ifname,
		      struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", ifname);
	err = ioctl(fd, request, ifr) < 0 ? errno : 0;
	close(fd);
	return err;
}

/**
 * link_set_mtu - set a device's MTU, not by gretun's own interface
 * @ifname: the device
 * @mtu: in bytes
 *
 * Return: 0, or an errno.
 */
int link_set_mtu(const char *ifname, unsigned int mtu)
{
	struct ifreq ifr = { .ifr_mtu = mtu };

	return link_ioctl(SIOCSIFMTU, ifname, &ifr);
}

/**
 * link_set_up - set a device up or down
 * @ifname: the device
 * @up: which of them
 *
 * Return: 0, or an errno.
 */
int link_set_up(const char *ifname, bool up)
{
	struct ifreq ifr = {};
	int err;

	err = link_ioctl(SIOCGIFFLAGS, ifname, &ifr);
	if (err)
		return err;
	ifr.ifr_flags = (ifr.ifr_flags & ~IFF_UP) | (up ? IFF_UP : 0);
	return link_ioctl(SIOCSIFFLAGS, ifname, &ifr);
}

/**
 * link_rename - give a device another name
 * @ifname: the device
 * @to: the name
 *
 * Return: 0, or an errno.
 */
int link_rename(const char *ifname, const char *to)
{
	struct ifreq ifr = {};

	snprintf(ifr.ifr_newname, sizeof(ifr.ifr_newname), "%s", to);
	return link_ioctl(SIOCSIFNAME, ifname, &ifr);
}

/**
 * link_move - move a device to another netns
 * @ifname: the device
 * @netns_fd: open file of the netns
 *
 * Return: 0, or an errno.
 */
int link_move(const char *ifname, int netns_fd)
{
	char buf[512] __attribute__((aligned(4)));
	struct mnl_socket *sock = mnl_socket_open(NETLINK_ROUTE);
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;
	int err = 0;
	int len;

	msg->nlmsg_type = RTM_NEWLINK;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(msg, sizeof(*ifi));
	ifi->ifi_index = if_nametoindex(ifname);
	mnl_attr_put_u32(msg, IFLA_NET_NS_FD, netns_fd);
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(sock, msg, msg->nlmsg_len) < 0) {
		err = errno;
	} else {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (mnl_cb_run(buf, len, 0, 0, NULL, NULL) < 0)
			err = errno;
	}
	mnl_socket_close(sock);
	return err;
}
