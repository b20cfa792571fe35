// SPDX-License-Identifier: GPL-2.0
/*
 * The first steps: is the module there, is the tunnel, and is it up.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../kmod/version.h"
#include "check.h"

#define MODULE "/sys/module/gretun"

/**
 * check_module() - check that the module is loaded, and that it is this version
 * @check: the check
 *
 * Other commands load it; this one changes nothing.
 *
 * Return: whether it is there.
 */
bool check_module(struct check *check)
{
	char version[32] = "";
	FILE *file;

	if (access(MODULE, F_OK)) {
		step(check, "module", PROBLEM,
		     "the kernel module is not loaded, so there is no tunnel");
		step_fix(check, "modprobe gretun");
		step_stops(check, AT_LOCAL);
		return false;
	}
	file = fopen(MODULE "/version", "re");
	if (file) {
		if (fscanf(file, "%31s", version) != 1)
			*version = '\0';
		fclose(file);
	}
	if (*version && strcmp(version, GRETUN_VERSION)) {
		step(check, "module", WARNING,
		     "gretun %s is loaded, but this program is of %s; some of what follows may be wrong",
		     version, GRETUN_VERSION);
		return true;
	}
	step(check, "module", FINE, "gretun %s is loaded", GRETUN_VERSION);
	return true;
}

static void not_there(struct check *check)
{
	uint32_t ifindex = if_nametoindex(check->name);
	const char *netns = check->ctx->netns;

	if (ifindex)
		step(check, "tunnel", PROBLEM,
		     "%s is a device, but not a tunnel of gretun",
		     check->name);
	else
		step(check, "tunnel", PROBLEM,
		     "there is no tunnel %s in this network namespace",
		     check->name);
	step_fix(check, "gretun%s%s show", netns ? " -n " : "",
		 netns ? netns : "");
	step_stops(check, AT_LOCAL);
}

static void say_up(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	const char *peer = "";

	if (tunnel->value[GRETUN_A_TUNNEL_EXTERNAL])
		peer = ", for any number of peers";
	else if (!check->has_remote)
		peer = ", it receives from any peer and sends to none";
	step(check, "tunnel", FINE, "%s is up, with an MTU of %u%s",
	     check->name, tunnel->mtu, peer);
}

/**
 * check_tunnel() - check that the tunnel is there, is up and has an address
 * @check: the check
 *
 * Return: whether it is there.
 */
bool check_tunnel(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	struct in6_addr address;
	bool own = false;

	if (!tunnel) {
		not_there(check);
		return false;
	}
	if (!(tunnel->flags & IFF_UP)) {
		step(check, "tunnel", PROBLEM, "%s is down", check->name);
		step_fix(check, "%s link set %s up", check->inside.ip,
			 check->name);
		step_stops(check, AT_LOCAL);
	} else if (!(tunnel->flags & IFF_RUNNING)) {
		step(check, "tunnel", PROBLEM, "%s is up, but has no carrier",
		     check->name);
		step_stops(check, AT_LOCAL);
	} else {
		say_up(check);
	}

	for (size_t i = 0; i < tunnel->address_count; i++) {
		address_ip(&tunnel->address[i], false, &address);
		own = own || !IN6_IS_ADDR_LINKLOCAL(&address);
	}
	if (!own) {
		step(check, "address", WARNING,
		     "%s has no address of its own, so the other end cannot be pinged through it",
		     check->name);
		step_fix(check, "%s addr add ADDR/LEN dev %s",
			 check->inside.ip, check->name);
	}
	return true;
}
