// SPDX-License-Identifier: GPL-2.0
/*
 * gretun apply: make tunnels what tunnel files say.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apply/apply.h"

struct options {
	bool dry_run;
	bool prune;
	char **words; /* that are no options */
	int count;
};

static enum status parse_option(const char *word, struct options *options)
{
	static const char *const words[] = { "--dry-run", "--prune" };
	bool *const flags[] = { &options->dry_run, &options->prune };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]))
			continue;
		if (*flags[i])
			return wrong(word, "given twice");
		*flags[i] = true;
		return DONE;
	}
	return unknown_word(word, "option", words, ARRAY_SIZE(words));
}

static bool is_folder(const char *word)
{
	struct stat st;

	return strchr(word, '/') && !stat(word, &st) && S_ISDIR(st.st_mode);
}

static enum status parse_words(int argc, char **argv, struct options *options)
{
	enum status status = DONE;

	for (int i = 0; i < argc && !status; i++) {
		if (*argv[i] == '-')
			status = parse_option(argv[i], options);
		else
			options->words[options->count++] = argv[i];
	}
	for (int i = 0; i < options->count && !status; i++) {
		if (options->prune && !is_folder(options->words[i]))
			status = wrong("--prune", "it deletes all tunnels that have no file, so it goes with whole folders; %s is none",
				       options->words[i]);
	}
	return status;
}

/**
 * cmd_apply() - make tunnels what files say
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_apply(const struct context *ctx, int argc, char **argv)
{
	struct options options = { 0 };
	struct file_list files = { 0 };
	enum status status;

	options.words = calloc(argc + 1, sizeof(*options.words));
	if (!options.words)
		out_of_memory();
	status = parse_words(argc, argv, &options);
	if (!status && options.count)
		status = files_read(ctx, options.count, options.words, &files);
	else if (!status)
		status = files_read_folder(ctx, TUNNEL_FILES, &files);
	if (!status)
		status = apply(ctx, &files, options.prune, options.dry_run,
			       false);
	files_free(&files);
	free(options.words);
	return status;
}
