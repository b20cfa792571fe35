// SPDX-License-Identifier: GPL-2.0
/*
 * Devices, addresses and routes, without the gretun family.
 */
#include "link.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/**
 * run_ip - run ip(8)
 * @format: what follows the name of the program, as for printf()
 *
 * Return: 0 if it had no complaints.
 */
int run_ip(const char *format, ...)
{
	char command[256] = "ip ";
	va_list args;

	va_start(args, format);
	vsnprintf(command + 3, sizeof(command) - 3, format, args);
	va_end(args);
	return system(command);
}

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

/* Send a request and take the answer; returns 0, or an errno. */
static int link_talk(struct nlmsghdr *msg, mnl_cb_t each, void *arg)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_ROUTE);
	char buf[8192] __attribute__((aligned(4)));
	int err = 0;
	int len;

	if (!sock)
		return errno;
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(sock, msg, msg->nlmsg_len) < 0) {
		err = errno;
	} else {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (mnl_cb_run(buf, len, 0, 0, each, arg) < 0)
			err = errno;
	}
	mnl_socket_close(sock);
	return err;
}

static int read_link(const struct nlmsghdr *msg, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr;
	struct link *link = arg;

	link->type = ifi->ifi_type;
	link->flags = ifi->ifi_flags;
	mnl_attr_for_each(attr, msg, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_ADDRESS:
			link->addr_len = mnl_attr_get_payload_len(attr);
			memcpy(link->addr, mnl_attr_get_payload(attr),
			       link->addr_len);
			break;
		case IFLA_BROADCAST:
			memcpy(link->broadcast, mnl_attr_get_payload(attr),
			       mnl_attr_get_payload_len(attr));
			break;
		case IFLA_MTU:
			link->mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_CARRIER_CHANGES:
			link->carrier_changes = mnl_attr_get_u32(attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/* Begin a request about a device. */
static struct nlmsghdr *link_begin(char *buf, uint16_t type, uint16_t flags,
				   const char *ifname)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	ifi = mnl_nlmsg_put_extra_header(msg, sizeof(*ifi));
	ifi->ifi_index = if_nametoindex(ifname);
	return msg;
}

/**
 * link_get - read what a device is like
 * @ifname: the device
 * @link: where it goes
 *
 * Return: 0, or an errno.
 */
int link_get(const char *ifname, struct link *link)
{
	char buf[512] __attribute__((aligned(4)));

	memset(link, 0, sizeof(*link));
	return link_talk(link_begin(buf, RTM_GETLINK, 0, ifname), read_link,
			 link);
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
	struct nlmsghdr *msg = link_begin(buf, RTM_NEWLINK, NLM_F_ACK, ifname);

	mnl_attr_put_u32(msg, IFLA_NET_NS_FD, netns_fd);
	return link_talk(msg, NULL, NULL);
}
