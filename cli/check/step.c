// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of gretun check: what was looked at, what came of it, and what to
 * do about it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "check.h"

#define GREEN "32"
#define RED "31"
#define YELLOW "33"

static const struct {
	const char *word;
	const char *color;
} results[] = {
	[FINE] = { "ok", GREEN },
	[WARNING] = { "warning", YELLOW },
	[PROBLEM] = { "problem", RED },
	[SKIPPED] = { "skipped", NULL },
};

/* The longest of the words above, and of the names of steps. */
#define RESULT_WIDTH 8
#define NAME_WIDTH 11

static char *compose(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	return text;
}

/**
 * step() - add a step
 * @check: the check
 * @name: the step's name
 * @result: what came of it
 * @format: the same in words, as for printf()
 */
void step(struct check *check, const char *name, enum result result,
	  const char *format, ...)
{
	struct step *new;
	va_list args;

	check->step = grow(check->step, check->steps, sizeof(*new));
	new = &check->step[check->steps++];
	new->name = name;
	new->result = result;
	new->fix = NULL;
	va_start(args, format);
	new->text = compose(format, args);
	va_end(args);
}

/**
 * step_fix() - say what to do about the last step
 * @check: the check
 * @format: the command, as for printf()
 */
void step_fix(struct check *check, const char *format, ...)
{
	struct step *last = &check->step[check->steps - 1];
	va_list args;

	va_start(args, format);
	last->fix = compose(format, args);
	va_end(args);
}

/**
 * step_stops() - say that the last step is why packets do not get on
 * @check: the check
 * @before: the station that they do not reach
 */
void step_stops(struct check *check, enum station before)
{
	if (before >= check->stops)
		return;
	check->stops = before;
	check->why = check->steps - 1;
}

/**
 * step_settle() - take back what a step found, as later ones know better
 * @check: the check
 * @name: the step's name
 * @text: what is so instead
 */
void step_settle(struct check *check, const char *name, const char *text)
{
	for (size_t i = 0; i < check->steps; i++) {
		struct step *old = &check->step[i];

		if (strcmp(old->name, name) != 0 || old->result == FINE ||
		    old->result == SKIPPED)
			continue;
		free(old->text);
		free(old->fix);
		old->result = FINE;
		old->fix = NULL;
		if (asprintf(&old->text, "%s", text) < 0)
			out_of_memory();
		if (check->why == i)
			check->stops = STATION_COUNT;
	}
}

/**
 * step_reached() - say that packets got to a station
 * @check: the check
 * @station: the station
 */
void step_reached(struct check *check, enum station station)
{
	if (station > check->reached)
		check->reached = station;
}

/**
 * step_failed() - tell whether there is a problem
 * @check: the check
 *
 * Return: whether a step has one.
 */
bool step_failed(const struct check *check)
{
	for (size_t i = 0; i < check->steps; i++) {
		if (check->step[i].result == PROBLEM)
			return true;
	}
	return false;
}

/**
 * steps_print() - print the steps for people
 * @check: the check
 */
void steps_print(const struct check *check)
{
	const int indent = RESULT_WIDTH + 1 + NAME_WIDTH + 1;

	for (size_t i = 0; i < check->steps; i++) {
		const struct step *step = &check->step[i];
		const char *color = results[step->result].color;

		printf("%s%-*s%s %-*s ", color_on(color), RESULT_WIDTH,
		       results[step->result].word, color ? color_off() : "",
		       NAME_WIDTH, step->name);
		text_wrap(step->text, indent);
		putchar('\n');
		/* Commands stay whole, to be copied. */
		if (step->fix) {
			printf("%*sfix: ", indent, "");
			text_put(stdout, step->fix);
			putchar('\n');
		}
	}
}

/**
 * steps_json() - make an array of the steps
 * @check: the check
 *
 * Return: the array.
 */
struct json_object *steps_json(const struct check *check)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < check->steps; i++) {
		const struct step *step = &check->step[i];
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "step",
				       json_object_new_string(step->name));
		json_object_object_add(object, "result",
				       json_object_new_string(results[step->result].word));
		json_object_object_add(object, "text",
				       json_object_new_string(step->text));
		json_object_object_add(object, "fix",
				       step->fix ?
					       json_object_new_string(step->fix) :
					       NULL);
		json_object_array_add(array, object);
	}
	return array;
}

/**
 * steps_free() - free the steps
 * @check: the check
 */
void steps_free(struct check *check)
{
	for (size_t i = 0; i < check->steps; i++) {
		free(check->step[i].text);
		free(check->step[i].fix);
	}
	free(check->step);
}
