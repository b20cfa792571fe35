// SPDX-License-Identifier: GPL-2.0
/*
 * Reads tunnel files: those that are named, or all of a folder. Each is read
 * to its end, so that one can put right at once all that is wrong.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match.h"
#include "reading.h"

#define SUFFIX ".netdev"

#define NOT_OURS \
	"a device of this kind is not gretun's; it takes gretun, gre or ip6gre"
#define LEFT_ALONE \
	"a device of this kind is not gretun's; the file is left alone"

struct reader {
	struct file_list *list;
	struct networks networks; /* of the last folder */
	enum status status;	  /* the worst so far */
};

static void note(struct reader *reader, enum status status)
{
	if (status > reader->status)
		reader->status = status;
}

__attribute__((format(printf, 1, 2))) static char *print(const char *format,
							 ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	va_end(args);
	return text;
}

static char *copy(const char *text)
{
	return print("%s", text);
}

/* The kinds of device that systemd makes besides those of gretun. */
static bool is_foreign(const char *kind)
{
	/* clang-format off */
	static const char *const kinds[] = {
		"bareudp", "batadv", "bond", "bridge", "dummy", "erspan",
		"fou", "geneve", "gretap", "hsr", "ifb", "ip6gretap",
		"ip6tnl", "ipip", "ipoib", "ipvlan", "ipvtap", "l2tp",
		"macsec", "macvlan", "macvtap", "netdevsim", "nlmon", "sit",
		"tap", "tun", "vcan", "veth", "vlan", "vrf", "vti", "vti6",
		"vxcan", "vxlan", "wireguard", "wlan", "xfrm", NULL,
	};
	/* clang-format on */
	uint32_t index;

	return parse_choice(kind, kinds, &index);
}

/* The line that says which kind of device it is, or NULL. */
static const struct ini_line *kind_line(const struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->line[i];

		if (line->key && strcmp(line->section, "NetDev") == 0 &&
		    strcmp(line->key, "Kind") == 0)
			return line;
	}
	return NULL;
}

/* Root does what they say, and a key may be a secret. */
static void warn_of_mode(const struct ini *ini, bool has_key)
{
	if (ini->others_write || ini->group_writes)
		warn(ini->path, "others than its owner can write it, and root does what it says; chmod go-w makes it safe");
	if (has_key && ini->others_read)
		warn(ini->path, "everybody can read the key in it; chmod o-r keeps it secret");
}

static void warn_of_drop_ins(const char *path)
{
	char *folder = print("%s.d", path);

	if (access(folder, F_OK) == 0)
		warn(folder, "drop-in files are not read; what they say belongs in the file itself");
	free(folder);
}

static bool says_network(const struct ini *ini, struct place *place)
{
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->line[i];

		place->line = line->number;
		if (line->starts && strcmp(line->section, "NetDev") &&
		    strcmp(line->section, "Tunnel"))
			return true;
	}
	return false;
}

/* What the .network file of the tunnel says, if it has one. */
static void read_network(struct reader *reader, struct reading *reading,
			 const struct ini *ini)
{
	struct tunnel_file *file = reading->file;
	struct place place = { .path = file->path };
	struct network *network;

	network = networks_find(&reader->networks,
				file->request.tunnel.ifname);
	if (!network)
		return;
	if (says_network(ini, &place)) {
		reading_wrong(reading, &place, file->request.tunnel.ifname,
			      "the addresses and routes are here, but %s is for this tunnel too; they must be in one of the two",
			      network->ini.path);
		return;
	}
	file->network_path = copy(network->ini.path);
	reading->path = file->network_path;
	reading->is_network = true;
	reading->quiet = network->failed;
	if (!network->used) {
		warn_of_mode(&network->ini, false);
		warn_of_drop_ins(file->network_path);
	}
	network->used = true;
	sections_read(reading, &network->ini);
	network->failed = reading->errors || reading->quiet;
	reading->quiet = false;
}

/* A file that is asked for by its name makes the tunnel of that name. */
static void check_name(struct reading *reading, const char *wanted)
{
	const struct tunnel_file *file = reading->file;
	const char *ifname = file->request.tunnel.ifname;

	if (wanted && *ifname && strcmp(wanted, ifname))
		reading_wrong(reading, &file->name_place, "Name",
			      "'%s', but this is the file of %s; the two must be the same",
			      ifname, wanted);
}

static void read_lines(struct reader *reader, const char *path,
		       const struct ini *ini, const char *wanted)
{
	struct file_list *list = reader->list;
	struct reading reading = { 0 };
	struct tunnel_file *file;
	bool has_key;

	list->file = grow(list->file, list->count, sizeof(*file));
	file = &list->file[list->count++];
	memset(file, 0, sizeof(*file));
	file->path = copy(path);
	reading.file = file;
	reading.path = file->path;
	sections_read(&reading, ini);
	check_name(&reading, wanted);
	if (*file->request.tunnel.ifname)
		read_network(reader, &reading, ini);
	whole_check(&reading);
	has_key = has(&file->request.tunnel, A(IKEY)) ||
		  has(&file->request.tunnel, A(OKEY));
	warn_of_mode(ini, has_key);
	warn_of_drop_ins(path);
	if (reading.failed)
		note(reader, WRONG_WORD);
}

static void use_folder(struct reader *reader, const char *folder)
{
	struct networks *networks = &reader->networks;

	if (networks->folder && strcmp(networks->folder, folder) == 0)
		return;
	networks_free(networks);
	note(reader, networks_read(folder, networks));
	networks->folder = copy(folder);
}

/* One of a folder may be of a kind that others are for. */
static void read_path(struct reader *reader, const char *path,
		      const char *wanted, bool of_folder)
{
	const struct ini_line *kind;
	enum status status;
	struct ini ini;

	status = ini_read(path, &ini);
	if (status) {
		note(reader, status);
		return;
	}
	kind = kind_line(&ini);
	if (kind && is_foreign(kind->value)) {
		struct place place = { path, kind->number };

		if (of_folder)
			file_warn(&place, kind->value, LEFT_ALONE);
		else
			note(reader,
			     file_wrong(&place, kind->value, NOT_OURS));
	} else {
		read_lines(reader, path, &ini, wanted);
	}
	ini_free(&ini);
}

static bool is_default(const char *folder)
{
	size_t len = strlen(TUNNEL_FILES);

	return strncmp(folder, TUNNEL_FILES, len) == 0 &&
	       !folder[len + strspn(folder + len, "/")];
}

/* What nobody will find there by its name, or is for nobody. */
static void warn_of_names(struct reader *reader, size_t first)
{
	const struct networks *networks = &reader->networks;
	const struct file_list *list = reader->list;

	for (size_t i = first; i < list->count; i++) {
		const struct tunnel_file *file = &list->file[i];
		const char *ifname = file->request.tunnel.ifname;
		const char *base = strrchr(file->path, '/') + 1;
		size_t len = strlen(ifname);

		if (strncmp(base, ifname, len) || strcmp(base + len, SUFFIX))
			file_warn(&file->name_place, ifname,
				  "the file is not called so; gretun up and gretun@.service do not find it by this name");
	}
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->network[i];

		if (network->pattern_count && !network->used)
			warn(network->ini.path, "its [Match] is for no tunnel of this folder");
	}
}

static void read_folder(struct reader *reader, const char *folder)
{
	size_t first = reader->list->count;
	struct path_list list;
	enum status status;

	status = folder_list(folder, SUFFIX, &list);
	if (status) {
		note(reader, status);
		return;
	}
	use_folder(reader, folder);
	for (size_t i = 0; i < list.count; i++)
		read_path(reader, list.path[i], NULL, true);
	if (is_default(folder) && !reader->status)
		warn_of_names(reader, first);
	path_list_free(&list);
}

/**
 * file_is_path() - tell the path of a tunnel file from the name of a tunnel
 * @word: one of the two
 *
 * Return: whether it is a path, of a file or a folder.
 */
bool file_is_path(const char *word)
{
	return strchr(word, '/') || has_suffix(word, SUFFIX);
}

static void read_file(struct reader *reader, const char *name)
{
	bool is_path = file_is_path(name);
	char *path, *folder, *slash;
	struct stat stat_of;

	if (strchr(name, '/') && stat(name, &stat_of) == 0 &&
	    S_ISDIR(stat_of.st_mode)) {
		read_folder(reader, name);
		return;
	}
	if (!is_path && parse_ifname(name)) {
		note(reader, WRONG_WORD);
		return;
	}
	path = is_path ? copy(name) :
			 print("%s/%s%s", TUNNEL_FILES, name, SUFFIX);
	slash = strrchr(path, '/');
	folder = slash ? print("%.*s", (int)(slash - path + 1), path) :
			 copy("./");
	if (access(path, F_OK) == 0)
		use_folder(reader, folder);
	read_path(reader, path, is_path ? NULL : name, false);
	free(folder);
	free(path);
}

static int by_name(const void *one, const void *two)
{
	const struct tunnel_file *a = *(const struct tunnel_file *const *)one;
	const struct tunnel_file *b = *(const struct tunnel_file *const *)two;
	int order = strcmp(a->request.tunnel.ifname,
			   b->request.tunnel.ifname);

	if (order)
		return order;
	return a < b ? -1 : 1;
}

/* Two files cannot make the same tunnel. */
static void check_names(struct reader *reader)
{
	const struct file_list *list = reader->list;
	const struct tunnel_file **file;

	file = calloc(list->count + 1, sizeof(*file));
	if (!file)
		out_of_memory();
	for (size_t i = 0; i < list->count; i++)
		file[i] = &list->file[i];
	qsort(file, list->count, sizeof(*file), by_name);
	for (size_t i = 1; i < list->count; i++) {
		const char *ifname = file[i]->request.tunnel.ifname;
		const struct place *other = &file[i - 1]->name_place;

		if (*ifname &&
		    strcmp(ifname, file[i - 1]->request.tunnel.ifname) == 0)
			note(reader, file_wrong(&file[i]->name_place, "Name",
						"'%s' is the name of the tunnel in %s, line %u, too",
						ifname, other->path,
						other->line));
	}
	free(file);
}

static enum status finish(struct reader *reader)
{
	check_names(reader);
	networks_free(&reader->networks);
	if (reader->status)
		files_free(reader->list);
	return reader->status;
}

/**
 * files_read() - read tunnel files
 * @ctx: the command
 * @count: how many
 * @names: of each the name of its tunnel, its path, or that of a folder
 * @list: where they go; empty unless all is well
 *
 * Return: DONE, or another status after messages about all that is wrong.
 */
enum status files_read(const struct context *ctx, int count, char **names,
		       struct file_list *list)
{
	struct reader reader = { .list = list };

	(void)ctx;
	memset(list, 0, sizeof(*list));
	for (int i = 0; i < count; i++)
		read_file(&reader, names[i]);
	return finish(&reader);
}

/**
 * files_read_folder() - read all tunnel files of a folder
 * @ctx: the command
 * @folder: the folder
 * @list: where they go, by name; empty unless all is well
 *
 * Return: DONE, or another status after messages about all that is wrong.
 */
enum status files_read_folder(const struct context *ctx, const char *folder,
			      struct file_list *list)
{
	struct reader reader = { .list = list };

	(void)ctx;
	memset(list, 0, sizeof(*list));
	read_folder(&reader, folder);
	return finish(&reader);
}

/**
 * files_free() - forget tunnel files
 * @list: all of them
 */
void files_free(struct file_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct tunnel_file *file = &list->file[i];

		free(file->path);
		free(file->network_path);
		free(file->description);
		free(file->device);
		host_free(file->host);
		free(file->request.tunnel.address);
		free(file->address_place);
		free(file->route);
	}
	free(list->file);
	memset(list, 0, sizeof(*list));
}
