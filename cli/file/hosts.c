// SPDX-License-Identifier: GPL-2.0
/*
 * Looks up the peers that tunnel files name, through the system's resolver.
 * That can take long for each, so several are looked up at a time, and all of
 * them have a common limit: a boot does not wait for a name server for ever.
 */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../attrs.h"
#include "file.h"

/* How many at a time, and the seconds for all. */
#define THREADS 16
#define LIMIT 30

#define TOO_LATE "no answer within 30 seconds"
#define NOT_FOR_HOST "its addresses are none that a host can have"

/* A name with a family, which can be that of many files. */
struct job {
	struct host host; /* with a name of its own */
	bool done;
};

/*
 * The threads have this. When time is up some are still at work, so it is not
 * freed then; that ends with the program, which looks up names once.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t one_done;
	struct job *job;
	size_t count, next, done;
} work = { .lock = PTHREAD_MUTEX_INITIALIZER };

/**
 * host_new() - have a host whose addresses are not known yet
 * @name: its name
 *
 * Return: the host; host_free() frees it.
 */
struct host *host_new(const char *name)
{
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		out_of_memory();
	host->name = strdup(name);
	if (!host->name)
		out_of_memory();
	return host;
}

/**
 * host_free() - forget a host
 * @host: the host, or NULL
 */
void host_free(struct host *host)
{
	if (!host)
		return;
	free(host->name);
	free(host->address);
	free(host);
}

static void add_address(struct host *host, const struct in6_addr *ip)
{
	for (size_t i = 0; i < host->count; i++) {
		if (ip_equal(&host->address[i], ip))
			return;
	}
	host->address = grow(host->address, host->count, sizeof(*ip));
	host->address[host->count++] = *ip;
}

static bool get_address(const struct addrinfo *info, struct in6_addr *out)
{
	const struct sockaddr_in *ipv4 = (const void *)info->ai_addr;
	const struct sockaddr_in6 *ipv6 = (const void *)info->ai_addr;

	if (info->ai_family == AF_INET6) {
		*out = ipv6->sin6_addr;
		return !ip_is_ipv4(out);
	}
	ip_any(true, out);
	memcpy(out->s6_addr + 12, &ipv4->sin_addr, sizeof(ipv4->sin_addr));
	return info->ai_family == AF_INET;
}

/*
 * Some name servers say 0.0.0.0 of what they hide, which is "any" to a tunnel.
 * Whether this host has addresses of the family yet makes no difference, so
 * AI_ADDRCONFIG is not set.
 */
static void look_up(struct host *host)
{
	const struct addrinfo hints = {
		.ai_family = host->family,
		.ai_socktype = SOCK_DGRAM, /* or each would come three times */
	};
	struct addrinfo *list;
	struct in6_addr ip;
	int error;

	error = getaddrinfo(host->name, NULL, &hints, &list);
	if (error) {
		host->reason = error == EAI_SYSTEM ? strerror(errno) :
						     gai_strerror(error);
		return;
	}
	for (struct addrinfo *info = list; info; info = info->ai_next) {
		if (get_address(info, &ip) &&
		    ip_is_for_host(host->family, ip_bytes(&ip)))
			add_address(host, &ip);
	}
	freeaddrinfo(list);
	if (!host->count)
		host->reason = NOT_FOR_HOST;
}

static void *look_up_some(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&work.lock);
	while (work.next < work.count) {
		struct job *job = &work.job[work.next++];

		pthread_mutex_unlock(&work.lock);
		look_up(&job->host);
		pthread_mutex_lock(&work.lock);
		job->done = true;
		work.done++;
		pthread_cond_signal(&work.one_done);
	}
	pthread_mutex_unlock(&work.lock);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct host *one = *(struct host *const *)a;
	const struct host *two = *(struct host *const *)b;
	int order = strcasecmp(one->name, two->name);

	return order ? order : one->family - two->family;
}

/* A job for each name, given to all hosts of that name. @host is sorted. */
static void make_jobs(struct host **host, size_t count, size_t *job_of)
{
	work.job = calloc(count, sizeof(*work.job));
	if (!work.job)
		out_of_memory();
	for (size_t i = 0; i < count; i++) {
		if (!i || by_name(&host[i - 1], &host[i])) {
			char *name = strdup(host[i]->name);

			if (!name)
				out_of_memory();
			work.job[work.count++].host = (struct host){
				.name = name,
				.family = host[i]->family,
			};
		}
		job_of[i] = work.count - 1;
	}
}

/* They are no one's to interrupt: signals go to the first thread. */
static size_t start_threads(void)
{
	size_t started = 0;
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < THREADS && started < work.count &&
	       !pthread_create(&thread, NULL, look_up_some, NULL)) {
		pthread_detach(thread);
		started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static void wait_for_all(void)
{
	pthread_condattr_t attr;
	struct timespec end;
	size_t seen = 0;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&work.one_done, &attr);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LIMIT;
	if (!start_threads())
		look_up_some(NULL);
	pthread_mutex_lock(&work.lock);
	progress_begin("looking up names", work.count);
	while (work.done < work.count &&
	       !pthread_cond_timedwait(&work.one_done, &work.lock, &end)) {
		progress_step(work.done - seen);
		seen = work.done;
	}
	progress_end();
	work.next = work.count;
	pthread_mutex_unlock(&work.lock);
}

static void give_result(struct host *host, const struct job *job)
{
	if (!job->done) {
		host->reason = TOO_LATE;
		return;
	}
	host->reason = job->host.reason;
	for (size_t i = 0; i < job->host.count; i++)
		add_address(host, &job->host.address[i]);
}

static void free_jobs(void)
{
	for (size_t i = 0; i < work.count; i++) {
		free(work.job[i].host.name);
		free(work.job[i].host.address);
	}
	free(work.job);
	work.job = NULL;
}

/**
 * files_look_up() - look up all names of tunnel files
 * @list: the files; each host gets its addresses, or a reason
 */
void files_look_up(const struct file_list *list)
{
	struct host **host = calloc(list->count + 1, sizeof(struct host *));
	size_t *job_of = calloc(list->count + 1, sizeof(*job_of));
	size_t count = 0;

	if (!host || !job_of)
		out_of_memory();
	for (size_t i = 0; i < list->count; i++) {
		if (list->file[i].host)
			host[count++] = list->file[i].host;
	}
	if (count) {
		qsort(host, count, sizeof(struct host *), by_name);
		make_jobs(host, count, job_of);
		wait_for_all();
		pthread_mutex_lock(&work.lock);
		for (size_t i = 0; i < count; i++)
			give_result(host[i], &work.job[job_of[i]]);
		if (work.done == work.count)
			free_jobs();
		pthread_mutex_unlock(&work.lock);
	}
	free(host);
	free(job_of);
}

/**
 * host_unknown() - say that a name could not be looked up
 * @file: the file that has it
 * @so: what becomes of its tunnel
 *
 * Return: REFUSED.
 */
enum status host_unknown(const struct tunnel_file *file, const char *so)
{
	const struct host *host = file->host;

	return file_refused(&file->place[A(REMOTE_IPV4)], "Remote",
			    "no IPv%c address of %s: %s; %s",
			    host->family == AF_INET ? '4' : '6', host->name,
			    host->reason, so);
}
