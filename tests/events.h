/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests that listen to the events group share.
 */
#ifndef GRETUN_TESTS_EVENTS_H
#define GRETUN_TESTS_EVENTS_H

#include <poll.h>
#include <linux/genetlink.h>

#include "nl.h"

/* What was heard since the last look. */
struct heard {
	int made, set, deleted, state, other;
	struct tunnel last; /* of the last event */
};

/* Open a socket that hears the events of the caller's netns. */
static inline int listen_to(struct nl *nl)
{
	if (nl_open(nl))
		return -1;
	return mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP,
				     &nl->events, sizeof(nl->events));
}

static inline int note(const struct nlmsghdr *msg, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(msg);
	struct heard *heard = arg;

	switch (genl->cmd) {
	case GRETUN_CMD_TUNNEL_NEW_NTF:
		heard->made++;
		break;
	case GRETUN_CMD_TUNNEL_SET_NTF:
		heard->set++;
		break;
	case GRETUN_CMD_TUNNEL_DEL_NTF:
		heard->deleted++;
		break;
	case GRETUN_CMD_TUNNEL_STATE_NTF:
		heard->state++;
		break;
	default:
		heard->other++;
	}
	tunnel_read(msg, &heard->last);
	return MNL_CB_OK;
}

/* Take all events there are, until there were none for that many ms. */
static inline struct heard hear(struct nl *nl, int silence)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN };
	char buf[1 << 15] __attribute__((aligned(4)));
	struct heard heard = {};
	int len;

	while (poll(&fd, 1, silence) > 0) {
		len = mnl_socket_recvfrom(nl->sock, buf, sizeof(buf));
		if (len < 0)
			heard.other++;
		else
			mnl_cb_run(buf, len, 0, 0, note, &heard);
	}
	return heard;
}

#endif /* GRETUN_TESTS_EVENTS_H */
