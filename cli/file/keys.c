// SPDX-License-Identifier: GPL-2.0
/*
 * The one table of the keys of tunnel files. Their names are systemd's where
 * it has one; most values are read as those of the words of gretun add.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reading.h"

/* Values that are written otherwise than on the command line. */

static const char *on_off(const char *value)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcasecmp(value, yes[i]) == 0)
			return "on";
		if (strcasecmp(value, no[i]) == 0)
			return "off";
	}
	return NULL;
}

/* What words of gretun's own yes and no stand for; NULL if it is neither. */
static const char *either(const char *value, const char *yes, const char *no)
{
	const char *word = on_off(value);

	if (!word)
		return NULL;
	return strcmp(word, "on") == 0 ? yes : no;
}

static const char *udp_none(const char *value)
{
	return either(value, "udp", "none");
}

/* systemd has 0 for a port by flow. */
static const char *flow(const char *value)
{
	return strcmp(value, "0") == 0 ? "flow" : value;
}

static const char *on_or_nothing(const char *value)
{
	return either(value, "on", "");
}

/* To systemd, a path MTU is discovered where DF is set. */
static const char *copy_clear(const char *value)
{
	return either(value, "copy", "clear");
}

/* Its way to write inherit. */
static const char *ttl(const char *value)
{
	return strcmp(value, "0") == 0 ? "inherit" : value;
}

static const char *number_or_nothing(const char *value)
{
	return strcmp(value, "none") == 0 ? "" : value;
}

/* K is 1024. An M would be too much for any MTU. */
static const char *size(const char *value)
{
	static char bytes[16];
	size_t len = strlen(value);
	uint32_t number;

	if (!len || value[len - 1] != 'K')
		return value;
	if (len >= sizeof(bytes))
		return NULL;
	memcpy(bytes, value, len - 1);
	bytes[len - 1] = '\0';
	if (!parse_number(bytes, 0, UINT16_MAX, &number))
		return NULL;
	snprintf(bytes, sizeof(bytes), "%u", number * 1024);
	return bytes;
}

/* Of what makes no difference. */

static const char *nothing(const char *value)
{
	(void)value;
	return "";
}

static const char *yes_no(const char *value)
{
	return on_off(value) ? "" : NULL;
}

/* The other one that systemd has is not GRE of RFC 8086. */
static const char *only_fou(const char *value)
{
	return strcmp(value, "FooOverUDP") == 0 ? "" : NULL;
}

/* What gretun does not do, and so can only be no. */
static const char *only_no(const char *value)
{
	const char *word = on_off(value);

	return word && strcmp(word, "off") == 0 ? "" : NULL;
}

/* What no word is for. */

static const char *set_name(struct reading *reading, const struct key *key,
			    const struct ini_line *line)
{
	struct tunnel_file *file = reading->file;
	const char *reason = ifname_reason(line->value);

	if (!reason)
		strcpy(file->request.tunnel.ifname, line->value);
	file->name_place = reading->given[key - keys];
	return reason;
}

static const char *set_kind(struct reading *reading, const struct key *key,
			    const struct ini_line *line)
{
	static const char *const kinds[] = { "gretun", "gre", "ip6gre" };
	static char *reason;

	(void)key;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(line->value, kinds[i]) == 0) {
			reading->kind = kinds[i];
			return NULL;
		}
	}
	free(reason);
	reason = unknown_reason(line->value, "kind", kinds, ARRAY_SIZE(kinds));
	return reason;
}

static const char *set_description(struct reading *reading,
				   const struct key *key,
				   const struct ini_line *line)
{
	(void)key;
	reading->file->description = strdup(line->value);
	if (!reading->file->description)
		out_of_memory();
	return NULL;
}

static const char *set_local(struct reading *reading, const struct key *key,
			     const struct ini_line *line)
{
	reading->local_any = strcmp(line->value, "any") == 0;
	if (reading->local_any)
		return NULL;
	return key_attr(reading, key, line->value);
}

/* Its value goes with a word of the command line before it. */
static const char *set_local_device(struct reading *reading,
				    const struct key *key,
				    const struct ini_line *line)
{
	const char *reason;
	char *text;

	if (asprintf(&text, "dev %s", line->value) < 0)
		out_of_memory();
	reason = key_attr(reading, key, text);
	free(text);
	return reason;
}

static void note_place(struct reading *reading, const struct key *key,
		       const struct attr *attr)
{
	for (uint32_t type = 1; type <= A(MAX); type++) {
		if (attr_gives(attr) & BIT(type)) {
			reading->file->request.word[type] = key->name;
			reading->file->place[type] =
				reading->given[key - keys];
		}
	}
}

/* Of which family a name is, the other end says when all is read. */
static const char *set_remote(struct reading *reading, const struct key *key,
			      const struct ini_line *line)
{
	struct tunnel_file *file = reading->file;

	if (strcmp(line->value, "any") == 0 ||
	    strcmp(line->value, "any6") == 0 || !parse_host(line->value))
		return key_attr(reading, key, line->value);
	/* Nobody calls a host so. */
	if (strcasecmp(line->value, "any") == 0)
		return "";
	file->host = host_new(line->value);
	note_place(reading, key, attr_find(key->word, FOR_ADD));
	return NULL;
}

/* It must last as long as the request. */
static const char *set_device(struct reading *reading, const struct key *key,
			      const struct ini_line *line)
{
	struct tunnel_file *file = reading->file;
	const char *reason = ifname_reason(line->value);

	if (reason)
		return reason;
	file->device = strdup(line->value);
	if (!file->device)
		out_of_memory();
	return key_attr(reading, key, file->device);
}

/* A folder that a path would begin at is not the same for all who read it. */
static const char *set_secret(struct reading *reading, const struct key *key,
			      const struct ini_line *line)
{
	return *line->value == '/' ? key_attr(reading, key, line->value) : "";
}

static const char *set_activation(struct reading *reading,
				  const struct key *key,
				  const struct ini_line *line)
{
	(void)key;
	reading->file->request.down = strcmp(line->value, "down") == 0;
	return reading->file->request.down || strcmp(line->value, "up") == 0 ?
		       NULL :
		       "";
}

/* Those of an [Address] or [Route] are looked at when it ends. */
static const char *later(struct reading *reading, const struct key *key,
			 const struct ini_line *line)
{
	reading->later[key - keys] = line;
	return NULL;
}

/* One that says all in [Network]. */
static const char *set_address(struct reading *reading, const struct key *key,
			       const struct ini_line *line)
{
	(void)key;
	network_address(reading, line, NULL);
	return NULL;
}

#define YES_NO "yes or no"
#define NO_MAC "a GRE tunnel has no MAC address"
#define NETWORKD "systemd-networkd does that, gretun does not"
#define OTHER_KIND "it is for tunnels of another kind than GRE"
#define ERSPAN "it is for ERSPAN, which gretun does not do"
#define SYSCTL "gretun sets no such thing; sysctl(8) does"
#define ONLY_NO "no, as gretun does not do that"

/* clang-format off */
#define NOT(section_, name_, reason_) \
	{ .section = section_, .name = name_, .refused = reason_ }
#define ONLY(section_, name_) \
	{ .section = section_, .name = name_, .values = ONLY_NO, .convert = only_no }

const struct key keys[] = {
	{ "NetDev", "Name", .set = set_name },
	{ "NetDev", "Kind", .set = set_kind },
	{ "NetDev", "Description", .set = set_description },
	{ "NetDev", "MTUBytes", .word = "mtu", .convert = size },
	NOT("NetDev", "MACAddress", NO_MAC),

	{ "Tunnel", "External",
	  .word = "external", .values = YES_NO, .convert = on_or_nothing },
	{ "Tunnel", "Local",
	  .word = "local", .set = set_local,
	  .values = "an IPv4 or IPv6 address, the outer source, or any with External=yes; LocalDevice= takes the device that has it",
	},
	{ "Tunnel", "LocalDevice",
	  .word = "local", .set = set_local_device,
	  .values = "the name of the device whose address is the outer source" },
	{ "Tunnel", "Remote",
	  .word = "remote", .set = set_remote,
	  .values = "an IPv4 or IPv6 address, the outer destination, the name of a host, or any, or any6",
	},
	{ "Tunnel", "Device", .word = "dev", .set = set_device },
	{ "Tunnel", "TTL", .word = "ttl", .convert = ttl },
	{ "Tunnel", "TOS", .word = "tos" },
	{ "Tunnel", "Key", .word = "key" },
	{ "Tunnel", "InputKey", .word = "ikey" },
	{ "Tunnel", "OutputKey", .word = "okey" },
	{ "Tunnel", "Checksum",
	  .word = "csum", .values = YES_NO, .convert = on_off },
	{ "Tunnel", "SerializeTunneledPackets",
	  .word = "seq", .values = YES_NO, .convert = on_off },
	{ "Tunnel", "DontFragment", .word = "df" },
	{ "Tunnel", "DiscoverPathMTU",
	  .word = "df", .values = YES_NO, .convert = copy_clear },
	{ "Tunnel", "IPv6FlowLabel", .word = "flowlabel" },
	{ "Tunnel", "EncapsulationLimit",
	  .word = "encaplimit", .values = "a number from 0 to 255, or none",
	  .convert = number_or_nothing },
	{ "Tunnel", "FooOverUDP",
	  .word = "encap", .values = YES_NO, .convert = udp_none },
	{ "Tunnel", "FOUDestinationPort", .word = "port" },
	{ "Tunnel", "FOUSourcePort",
	  .word = "source-port", .convert = flow,
	  .values = "a number from 1 to 65535, or 0 for one by flow" },
	{ "Tunnel", "Encapsulation",
	  .values = "FooOverUDP, which goes with FooOverUDP=yes",
	  .convert = only_fou },
	{ "Tunnel", "Keepalive", .word = "keepalive" },
	{ "Tunnel", "KeepaliveSecretFile",
	  .word = "keepalive-secret-file", .set = set_secret,
	  .values = "the path of a file with 32 bytes in base64, from / on" },
	{ "Tunnel", "FirewallMark", .word = "fwmark" },
	{ "Tunnel", "FastPath",
	  .word = "fastpath", .values = YES_NO, .convert = on_off },
	{ "Tunnel", "MSSClamp",
	  .word = "mss-clamp", .values = YES_NO, .convert = on_off },
	{ "Tunnel", "Independent", .convert = yes_no, .values = YES_NO },
	{ "Tunnel", "AssignToLoopback",
	  .convert = only_no, .values = "no; Device= binds a tunnel to a device" },
	NOT("Tunnel", "Mode", OTHER_KIND),
	NOT("Tunnel", "AllowLocalRemote", OTHER_KIND),
	NOT("Tunnel", "IPv6RapidDeploymentPrefix", OTHER_KIND),
	NOT("Tunnel", "ISATAP", OTHER_KIND),
	NOT("Tunnel", "CopyDSCP",
	    "the DSCP of the inner packet stays, and ECN follows RFC 6040"),
	NOT("Tunnel", "ERSPANVersion", ERSPAN),
	NOT("Tunnel", "ERSPANIndex", ERSPAN),
	NOT("Tunnel", "ERSPANDirection", ERSPAN),
	NOT("Tunnel", "ERSPANHardwareId", ERSPAN),

	/* Read by match.c. */
	{ "Match", "Name", .convert = nothing, .repeats = true },

	{ "Link", "MTUBytes", .word = "mtu", .convert = size },
	{ "Link", "ActivationPolicy",
	  .set = set_activation,
	  .values = "up or down, as gretun does not watch the device" },
	{ "Link", "RequiredForOnline", .convert = nothing },
	{ "Link", "RequiredFamilyForOnline", .convert = nothing },
	NOT("Link", "MACAddress", NO_MAC),
	ONLY("Link", "ARP"),
	NOT("Link", "Unmanaged", NETWORKD),

	{ "Network", "Address", .set = set_address, .repeats = true },
	{ "Network", "Description", .convert = nothing },
	{ "Network", "ConfigureWithoutCarrier",
	  .convert = yes_no, .values = YES_NO },
	{ "Network", "KeepConfiguration", .convert = nothing },
	ONLY("Network", "DHCP"),
	ONLY("Network", "DHCPServer"),
	ONLY("Network", "LLDP"),
	ONLY("Network", "EmitLLDP"),
	ONLY("Network", "LLMNR"),
	ONLY("Network", "MulticastDNS"),
	ONLY("Network", "IPMasquerade"),
	ONLY("Network", "IPForward"),
	ONLY("Network", "IPv6SendRA"),
	NOT("Network", "Gateway", "write it as Gateway= of a [Route]"),
	NOT("Network", "DNS", NETWORKD),
	NOT("Network", "Domains", NETWORKD),
	NOT("Network", "NTP", NETWORKD),
	NOT("Network", "VRF", NETWORKD),
	NOT("Network", "Tunnel", "Device= of [Tunnel] binds a tunnel to a device"),
	NOT("Network", "LinkLocalAddressing",
	    "the kernel gives it; sysctl net.ipv6.conf.NAME.addr_gen_mode changes that"),
	NOT("Network", "IPv6AcceptRA", SYSCTL),
	NOT("Network", "IPv6PrivacyExtensions", SYSCTL),
	NOT("Network", "IPv6HopLimit", SYSCTL),
	NOT("Network", "IPv6DuplicateAddressDetection", SYSCTL),
	NOT("Network", "IPv6MTUBytes", SYSCTL),

	{ "Address", "Address", .set = later },
	{ "Address", "Peer", .set = later },

	{ "Route", "Destination", .set = later },
	{ "Route", "Gateway", .set = later },
	{ "Route", "PreferredSource", .set = later },
	{ "Route", "Metric", .set = later },
	{ "Route", "Table", .set = later },

	{ NULL },
};

/* clang-format on */
_Static_assert(ARRAY_SIZE(keys) <= KEYS_MAX, "KEYS_MAX is large enough");

/**
 * key_find() - find a key in the table
 * @section: the section that it is in
 * @name: its name
 *
 * Return: the key, or NULL.
 */
const struct key *key_find(const char *section, const char *name)
{
	for (const struct key *key = keys; key->name; key++) {
		if (strcmp(key->name, name) == 0 &&
		    strcmp(key->section, section) == 0)
			return key;
	}
	return NULL;
}

/**
 * key_attr() - take the value of a key as that of a word
 * @reading: where it goes
 * @key: the key, which has a word
 * @value: the value as the word takes it
 *
 * Return: NULL, or what is wrong, "" leaving it to the values of the key.
 */
const char *key_attr(struct reading *reading, const struct key *key,
		     const char *value)
{
	const struct attr *attr = attr_find(key->word, FOR_ADD);
	const char *reason;

	reason = attr->parse(attr, value, &reading->file->request);
	if (!reason)
		note_place(reading, key, attr);
	return reason;
}
