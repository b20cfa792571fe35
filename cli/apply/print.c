// SPDX-License-Identifier: GPL-2.0
/*
 * Shows what a plan will change: "+" is new, "-" goes, "~" becomes another.
 */
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>

#include "apply.h"

#define GREEN "32"
#define RED "31"
#define YELLOW "33"

static const char *const names[CHANGE_KIND_COUNT] = {
	[DEL_EARLY] = "del",
	[SET] = "set",
	[NEW] = "new",
	[BIND] = "set",
	[LINK_STATE] = "set",
	[ADDRESS_DEL_EARLY] = "address-del",
	[ADDRESS_ADD] = "address-add",
	[ROUTE_DEL] = "route-del",
	[ROUTE_ADD] = "route-add",
	[ADDRESS_DEL] = "address-del",
	[DEL] = "del",
};

static void line(const char *color, char sign, const char *ifname)
{
	char name[NAME_TEXT];

	printf("%s%c%s %s", color_on(color), sign, color_off(),
	       name_text(ifname, name));
}

/* A value as the command line has it; "none" where there is no word for it. */
static const char *text_of(const struct attr *attr, const struct side *side,
			   char *buf, size_t size)
{
	if (attr->type == A(LINK) && *side->dev)
		return side->dev;
	return attr->print(attr, &side->tunnel, buf, size) ? buf : "none";
}

/*
 * The two values of an option that is another one, as the command line has them.
 * Return: false if it is not.
 */
static bool texts_of(const struct attr *attr, const struct side *now,
		     const struct side *want, char (*buf)[64],
		     const char **from, const char **to)
{
	*from = text_of(attr, now, buf[0], sizeof(buf[0]));
	*to = text_of(attr, want, buf[1], sizeof(buf[1]));
	if (strcmp(*from, *to))
		return true;
	/* Nobody is to see which it is. */
	if (attr->type != A(KEEPALIVE_SECRET) ||
	    memcmp(now->tunnel.secret, want->tunnel.secret, SECRET_LEN) == 0)
		return false;
	*to = "another";
	return true;
}

static bool is_printed(const struct attr *attr, const struct side *side)
{
	return attr->print &&
	       !(attr->use & BY_PACKET && side->tunnel.value[A(EXTERNAL)]);
}

/* In the words of add what the file has, or where its packets go. */
static void print_words(const struct side *side, const struct request *given)
{
	char buf[64];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		uint64_t bits = attr_gives(attr);
		const char *text;

		if (!is_printed(attr, side))
			continue;
		text = text_of(attr, side, buf, sizeof(buf));
		if (!attr->values)
			printf("%s%s", side->tunnel.value[attr->type] ? " " : "",
			       side->tunnel.value[attr->type] ? attr->word : "");
		else if (strcmp(text, "none") &&
			 (attr->use & NEEDED ||
			  (given && (given->tunnel.present & bits ||
				     (attr->type == A(LINK) && given->dev)))))
			printf(" %s %s", attr->word, text);
	}
}

static void print_set(const struct pair *pair)
{
	char buf[2][64];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		const char *from, *to;

		if (!is_printed(attr, &pair->want) ||
		    !texts_of(attr, pair->now, &pair->want, buf, &from, &to))
			continue;
		line(YELLOW, '~', pair->ifname);
		printf(" %s %s -> %s\n", attr->word, from, to);
	}
}

static void print_new(const struct pair *pair)
{
	if (pair->anew)
		line(YELLOW, '~', pair->ifname);
	else
		line(GREEN, '+', pair->ifname);
	if (pair->anew)
		fputs(" made anew:", stdout);
	print_words(&pair->want, pair->file ? &pair->file->request : NULL);
	puts(pair->want.tunnel.flags & IFF_UP ? "" : " down");
}

/* What a new tunnel has is new with it. */
static void print_part(const struct pair *pair, const char *what, bool adds,
		       const char *text)
{
	if (!pair->now) {
		line(GREEN, '+', pair->ifname);
		printf(" %s %s\n", what, text);
		return;
	}
	line(YELLOW, '~', pair->ifname);
	printf(" %s %s%c%s %s\n", what, color_on(adds ? GREEN : RED),
	       adds ? '+' : '-', color_off(), text);
}

static void print_change(const struct change *change)
{
	const struct pair *pair = change->pair;
	bool up = pair->want.tunnel.flags & IFF_UP;
	const struct side *side = change_side(change);
	char text[256];

	switch (change->kind) {
	case DEL_EARLY:
	case DEL:
		line(RED, '-', pair->ifname);
		print_words(pair->now, NULL);
		putchar('\n');
		break;
	case SET:
		print_set(pair);
		break;
	case NEW:
		print_new(pair);
		break;
	case LINK_STATE:
		line(YELLOW, '~', pair->ifname);
		puts(up ? " down -> up" : " up -> down");
		break;
	case ADDRESS_DEL_EARLY:
	case ADDRESS_DEL:
	case ADDRESS_ADD:
		address_text(&side->tunnel.address[change->which], text,
			     sizeof(text));
		print_part(pair, "address", change_adds(change), text);
		break;
	case ROUTE_DEL:
	case ROUTE_ADD:
		route_text(&side->route[change->which], text, sizeof(text));
		print_part(pair, "route", change_adds(change), text);
		break;
	case BIND:
	case CHANGE_KIND_COUNT:
		break;
	}
}

/**
 * plan_print() - print what will change, for people
 * @plan: the plan
 */
void plan_print(const struct plan *plan)
{
	for (size_t i = 0; i < plan->change_count; i++) {
		if (!plan->change[i].silent)
			print_change(&plan->change[i]);
	}
}

static struct json_object *object_of(const struct change *change)
{
	struct json_object *object = json_object_new_object();
	const char *name = names[change->kind];

	if (change->kind == NEW && change->pair->anew)
		name = "anew";
	json_object_object_add(object, "change", json_object_new_string(name));
	json_object_object_add(object, "ifname",
			       json_object_new_string(change->pair->ifname));
	return object;
}

static void put_words(struct json_object *object, const struct side *side)
{
	char buf[64];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		const char *text;

		/* "ikey" and "okey" say it too, but not always. */
		if (!is_printed(attr, side))
			continue;
		text = text_of(attr, side, buf, sizeof(buf));
		json_object_object_add(object, attr->word,
				       strcmp(text, "none") ?
					       json_object_new_string(text) :
					       NULL);
	}
}

static void put_set(const struct change *change)
{
	struct json_object *object;
	char buf[2][64];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		const struct side *now = change->pair->now;
		const struct side *want = &change->pair->want;
		const char *from, *to;

		if (!is_printed(attr, want) ||
		    !texts_of(attr, now, want, buf, &from, &to))
			continue;
		object = object_of(change);
		json_object_object_add(object, "option",
				       json_object_new_string(attr->word));
		json_object_object_add(object, "from",
				       json_object_new_string(from));
		json_object_object_add(object, "to",
				       json_object_new_string(to));
		json_put(object);
	}
}

static void put_change(const struct change *change)
{
	const struct pair *pair = change->pair;
	bool up = pair->want.tunnel.flags & IFF_UP;
	const struct side *side = change_side(change);
	struct json_object *object;

	if (change->kind == SET) {
		put_set(change);
		return;
	}
	object = object_of(change);
	switch (change->kind) {
	case NEW:
		put_words(object, &pair->want);
		break;
	case LINK_STATE:
		json_object_object_add(object, "option",
				       json_object_new_string("state"));
		json_object_object_add(object, "from",
				       json_object_new_string(up ? "down" :
								   "up"));
		json_object_object_add(object, "to",
				       json_object_new_string(up ? "up" :
								   "down"));
		break;
	case ADDRESS_DEL_EARLY:
	case ADDRESS_DEL:
	case ADDRESS_ADD:
		json_object_object_add(object, "address",
				       address_json(&side->tunnel.address[change->which]));
		break;
	case ROUTE_DEL:
	case ROUTE_ADD:
		json_object_object_add(object, "route",
				       route_json(&side->route[change->which]));
		break;
	default:
		break;
	}
	json_put(object);
}

/**
 * plan_json() - print what will change, for programs
 * @plan: the plan
 */
void plan_json(const struct plan *plan)
{
	json_begin();
	for (size_t i = 0; i < plan->change_count; i++) {
		if (!plan->change[i].silent)
			put_change(&plan->change[i]);
	}
	json_end();
}
