// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics for Prometheus, as text that is both OpenMetrics and the older text
 * format 0.0.4, which node_exporter reads. Counters have no line TYPE: one that
 * both take does not exist. Documentation/metrics.rst has what each said.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../attrs.h"
#include "../../kmod/version.h"
#include "metrics.h"

/* Families with a value for each tunnel. */
enum value {
	UP,
	OPERSTATE,
	LOOP,
	MTU,
	OVERHEAD,
	RX_PACKETS,
	RX_BYTES,
	TX_PACKETS,
	TX_BYTES,
	VALUE_COUNT
};

static const struct {
	const char *name;
	const char *help;
	bool counter;
} families[VALUE_COUNT] = {
	[UP] = { "gretun_up",
		 "Whether the tunnel is up, and no route leads its packets back into it.",
		 false },
	[OPERSTATE] = { "gretun_operstate",
			"State of the device (RFC 2863): 0 unknown, 1 not present, 2 down, 3 lower layer down, 4 testing, 5 dormant, 6 up.",
			false },
	[LOOP] = { "gretun_loop",
		   "Whether a route leads the packets of the tunnel back into it.",
		   false },
	[MTU] = { "gretun_mtu_bytes", "MTU in force.", false },
	[OVERHEAD] = { "gretun_overhead_bytes",
		       "What the tunnel adds to each packet.", false },
	[RX_PACKETS] = { "gretun_receive_packets_total", "Packets received.",
			 true },
	[RX_BYTES] = { "gretun_receive_bytes_total",
		       "Bytes received, of inner packets.", true },
	[TX_PACKETS] = { "gretun_transmit_packets_total", "Packets sent.",
			 true },
	[TX_BYTES] = { "gretun_transmit_bytes_total",
		       "Bytes sent, of inner packets.", true },
};

static uint64_t value_of(const struct tunnel *tunnel, enum value value)
{
	switch (value) {
	case UP:
		return strcmp(tunnel_state(tunnel), "up") == 0;
	case OPERSTATE:
		return tunnel->operstate;
	case LOOP:
		return tunnel->loop.ifindex != 0;
	case MTU:
		return tunnel->mtu;
	case OVERHEAD:
		return tunnel->overhead;
	case RX_PACKETS:
		return tunnel->counters.rx_packets;
	case RX_BYTES:
		return tunnel->counters.rx_bytes;
	case TX_PACKETS:
		return tunnel->counters.tx_packets;
	case TX_BYTES:
		return tunnel->counters.tx_bytes;
	default:
		return 0;
	}
}

static void head(const char *name, const char *help, bool counter)
{
	printf("# HELP %s %s\n", name, help);
	if (!counter)
		printf("# TYPE %s gauge\n", name);
}

/*
 * The name of a device may be no UTF-8, for which all of the text would be
 * refused; or hold what must not get to a terminal. In the place of such a byte
 * stand a colon, which no name has, and two digits: names that differ still do.
 */
static void put_label(const char *label, const char *value)
{
	printf("%s=\"", label);
	while (*value) {
		bool printable;
		size_t bytes = character(value, NULL, &printable);

		if (*value == '"' || *value == '\\')
			putchar('\\');
		if (printable)
			fwrite(value, 1, bytes, stdout);
		for (size_t i = 0; i < bytes && !printable; i++)
			printf(":%02x", (unsigned char)value[i]);
		value += bytes;
	}
	putchar('"');
}

/* Of the sample that is being printed. */
static bool first_label;

static void next_label(const char *label, const char *value)
{
	putchar(first_label ? '{' : ',');
	first_label = false;
	put_label(label, value);
}

static void open_sample(const struct metrics *metrics, const char *name)
{
	fputs(name, stdout);
	first_label = true;
	if (metrics->netns_name)
		next_label("netns", metrics->netns_name);
}

static void open_tunnel(const struct metrics *metrics, const char *name,
			const struct tunnel *tunnel)
{
	open_sample(metrics, name);
	next_label("device", tunnel->ifname);
}

/* The value follows. */
static void close_labels(void)
{
	fputs(first_label ? " " : "} ", stdout);
}

static void close_sample(uint64_t value)
{
	close_labels();
	printf("%" PRIu64 "\n", value);
}

static void put_build(const struct metrics *metrics)
{
	static const char name[] = "gretun_build_info";

	head(name, "Versions of the program and of the kernel module; always 1.",
	     false);
	open_sample(metrics, name);
	next_label("program", GRETUN_VERSION);
	next_label("module", metrics->module);
	close_sample(1);
}

static void put_info(const struct metrics *metrics)
{
	static const char name[] = "gretun_tunnel_info";
	char buf[INET6_ADDRSTRLEN];

	head(name, "What a tunnel is made of; always 1.", false);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];
		const struct in6_addr *local = &tunnel->outer[LOCAL];
		const struct in6_addr *remote = &tunnel->outer[REMOTE];
		const char *no_remote = tunnel_no_remote(tunnel);

		open_tunnel(metrics, name, tunnel);
		next_label("local", local_missing(tunnel) ? "none" :
				    ip_is_any(local)	  ? "any" :
							    ip_text(local, buf));
		next_label("remote", ip_is_any(remote) ? no_remote :
							 ip_text(remote, buf));
		next_label("ikey", has(tunnel, A(IKEY)) ? "yes" : "no");
		next_label("okey", has(tunnel, A(OKEY)) ? "yes" : "no");
		close_sample(1);
	}
}

static void put_values(const struct metrics *metrics, enum value value)
{
	const char *name = families[value].name;

	head(name, families[value].help, families[value].counter);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];

		open_tunnel(metrics, name, tunnel);
		close_sample(value_of(tunnel, value));
	}
}

/* It is not there for a tunnel that has received nothing. */
static void put_age(const struct metrics *metrics)
{
	static const char name[] = "gretun_last_receive_age_seconds";

	head(name, "Time since the last packet was received.", false);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];
		uint64_t age = tunnel->counters.rx_age;

		if (!tunnel->counters.has_rx_age)
			continue;
		open_tunnel(metrics, name, tunnel);
		close_labels();
		printf("%" PRIu64 ".%03u\n", age / 1000,
		       (unsigned int)(age % 1000));
	}
}

/* Of tunnels that ask their peers whether they are alive. */
static void put_keepalive(const struct metrics *metrics, const char *name,
			  const char *help,
			  uint64_t (*value)(const struct keepalive *keepalive))
{
	head(name, help, true);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];

		if (!tunnel->keepalive.working)
			continue;
		open_tunnel(metrics, name, tunnel);
		close_sample(value(&tunnel->keepalive));
	}
}

static uint64_t sent(const struct keepalive *keepalive)
{
	return keepalive->sent;
}

static uint64_t answered(const struct keepalive *keepalive)
{
	return keepalive->answered;
}

/* It is not there for a tunnel whose peer has not answered yet. */
static void put_round_trip(const struct metrics *metrics)
{
	static const char name[] = "gretun_keepalive_round_trip_seconds";

	head(name, "Time to the peer and back, on average.", false);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];
		uint32_t srtt = tunnel->keepalive.srtt;

		if (!srtt)
			continue;
		open_tunnel(metrics, name, tunnel);
		close_labels();
		printf("%u.%06u\n", srtt / 1000000, srtt % 1000000);
	}
}

static void put_drops(const struct metrics *metrics)
{
	static const char name[] = "gretun_drops_total";

	head(name, "Packets dropped, by reason; see gretun stats --explain.",
	     true);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];

		for (size_t j = 0; tunnel_reasons[j].name; j++) {
			open_tunnel(metrics, name, tunnel);
			next_label("reason", tunnel_reasons[j].name);
			close_sample(tunnel->counters.reason[j]);
		}
	}
}

static void put_icmp(const struct metrics *metrics)
{
	static const char name[] = "gretun_icmp_errors_total";

	head(name, "ICMP errors that came back about packets sent, by kind.",
	     true);
	for (size_t i = 0; i < metrics->tunnels->count; i++) {
		const struct tunnel *tunnel = &metrics->tunnels->tunnel[i];

		for (size_t j = 0; j < GRETUN_ICMP_KIND_COUNT; j++) {
			open_tunnel(metrics, name, tunnel);
			next_label("kind", icmp_kinds[j].name);
			close_sample(tunnel->counters.icmp[j].packets);
		}
	}
}

static void put_netns(const struct metrics *metrics)
{
	static const char drops[] = "gretun_netns_drops_total";
	static const char misses[] = "gretun_near_misses";

	head(drops, "Packets that no tunnel took, by reason; those passed-* went on to others.",
	     true);
	for (size_t i = 0; netns_reasons[i].name; i++) {
		open_sample(metrics, drops);
		next_label("reason", netns_reasons[i].name);
		close_sample(metrics->netns->reason[i]);
	}
	head(misses, "Senders of packets that nearly were those of a tunnel.",
	     false);
	open_sample(metrics, misses);
	close_sample(metrics->near_misses);
}

/**
 * metrics_print() - print all metrics
 * @metrics: what they tell
 */
void metrics_print(const struct metrics *metrics)
{
	put_build(metrics);
	put_info(metrics);
	for (int i = 0; i < VALUE_COUNT; i++)
		put_values(metrics, i);
	put_age(metrics);
	put_keepalive(metrics, "gretun_keepalive_sent_total",
		      "Keepalive probes sent.", sent);
	put_keepalive(metrics, "gretun_keepalive_answered_total",
		      "Keepalive probes that the peer answered.", answered);
	put_round_trip(metrics);
	put_drops(metrics);
	put_icmp(metrics);
	put_netns(metrics);
	puts("# EOF");
}
