/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnel files: what they say, and where each thing stands in them.
 */
#ifndef GRETUN_CLI_FILE_H
#define GRETUN_CLI_FILE_H

#include "../cli.h"

/* Where the files are that only have a name. */
#ifndef TUNNEL_FILES
#define TUNNEL_FILES "/etc/gretun"
#endif

/* Where a thing stands. */
struct place {
	const char *path;
	unsigned int line; /* from 1; 0 is the file as a whole */
};

/* A route that goes through the tunnel. */
struct file_route {
	int family; /* AF_INET or AF_INET6 */
	uint8_t prefixlen;
	bool has_gateway;
	bool has_source;
	uint8_t dst[16];     /* network byte order, as all three */
	uint8_t gateway[16]; /* the next hop on the tunnel */
	uint8_t source[16];  /* the address to send from */
	uint32_t metric;     /* 0: as the kernel has it for the family */
	uint32_t table;	     /* RT_TABLE_MAIN unless the file says another */
	struct place place;
};

/* A peer by name, and where it is. */
struct host {
	char *name;
	int family;		  /* the only one that is of use */
	struct in6_addr *address; /* the best one first (RFC 6724) */
	size_t count;
	const char *reason; /* why there is none */
};

/*
 * What one .netdev file and the .network file that goes with it say. In the
 * request are the values of "add", with keys of the file as its words.
 */
struct tunnel_file {
	char *path;
	char *network_path; /* NULL without one */
	char *description;  /* NULL without one */
	char *device;	    /* that request.dev points to, or NULL */
	struct host *host;  /* that is the remote end, NULL: an address is */
	struct request request;
	struct place name_place;
	struct place place[GRETUN_A_TUNNEL_MAX + 1]; /* of each value given */
	struct place *address_place;		     /* of each of the tunnel's addresses */
	struct file_route *route;
	size_t route_count;
};

struct file_list {
	struct tunnel_file *file;
	size_t count;
};

/* file/read.c */
bool file_is_path(const char *word);
enum status files_read(const struct context *ctx, int count, char **names,
		       struct file_list *list);
enum status files_read_folder(const struct context *ctx, const char *folder,
			      struct file_list *list);
void files_free(struct file_list *list);

/* file/hosts.c */
struct host *host_new(const char *name);
void host_free(struct host *host);
void files_look_up(const struct file_list *list);
enum status host_unknown(const struct tunnel_file *file, const char *so);

/* file/place.c */
enum status file_wrong(const struct place *place, const char *word,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum status file_refused(const struct place *place, const char *word,
			 const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void file_warn(const struct place *place, const char *word, const char *text);

#endif /* GRETUN_CLI_FILE_H */
