/*
 * Lets Debian's own xenstored (C, Xen 4.17) run where there is no Xen: preloaded, it stands in for the functions of libxenctrl,
 * libxenevtchn and libxengnttab that xenstored calls, and for the two files of /proc/xen that it reads at its start. The store, its
 * permissions, watches, transactions and quotas are all xenstored's own.
 *
 * Each domain that is introduced gets a unix socket $XENSTORED_RUNDIR/domid-N.sock. Who connects there speaks the wire protocol as a
 * program that opened /dev/xen/xenbus in domain N does: to xenstored it is that domain, and comes through the same shared page.
 * As with the kernel, only whole messages reach the page, and what a client leaves behind is reset. One client at a time.
 *
 *   client --socket--> message --> page.request  --+
 *                                                  xenstored (another thread of this process)
 *   client <--socket-- message <-- page.response <-+
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* io/xs_wire.h */
#define RING_SIZE 1024
#define MAX_PAYLOAD 4096
#define RESET_WATCHES 21

/* sizeof(xc_dominfo_t) of Xen 4.17 on amd64; what xenstored looks at is near its beginning. */
#define DOMINFO_SIZE 112

#define MAX_DOMAINS 1024
#define FIRST_PORT 10

/* The request number of what the shim itself asks; Osc's client counts up from 1. */
#define OWN_REQUEST 0xfffffffe

struct header { uint32_t type, request, transaction, length; };

struct page {
	char request[RING_SIZE], response[RING_SIZE];
	volatile uint32_t request_read, request_written, response_read, response_written;
	uint32_t features, connection, error;
};

/* A message on its way, as far as it has come. */
struct message {
	union { struct header header; char bytes[sizeof(struct header) + MAX_PAYLOAD]; };
	uint32_t have;
};

struct domain {
	uint32_t id, port;
	struct page *page;
	int wake;                  /* eventfd: xenstored did something to the page */
	int listener;              /* 0 before the domain is introduced */
	int client;                /* -1 for none */
	int is_resetting;          /* a client has left, and xenstored has not forgotten it yet */
	struct message request, response;
	uint32_t request_sent;     /* of a whole request: how much is in the page */
};

static int event_channel[2] = { -1, -1 };
static struct domain *domains[MAX_DOMAINS];    /* by port - FIRST_PORT */
static uint32_t domain_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what)
{
	perror(what);
	abort();
}

static void tell_xenstored(const struct domain *domain)
{
	/* A full pipe has woken it already. */
	if (write(event_channel[1], &domain->port, sizeof(domain->port)) < 0 && errno != EAGAIN)
		die("event channel");
}

/* How much of a message is still to come; its header says how long it is. */
static uint32_t missing(const struct message *message)
{
	uint32_t whole = sizeof(struct header);
	if (message->have >= whole)
		whole += message->header.length;
	return whole - message->have;
}

static int is_whole(const struct message *message)
{
	return message->have >= sizeof(struct header) && missing(message) == 0;
}

/* Has xenstored forget watches and transactions of the client that left, once what it last said is through. */
static void begin_reset(struct domain *domain)
{
	if (domain->request_sent)
		return;
	domain->request.header = (struct header){ RESET_WATCHES, OWN_REQUEST, 0, 1 };
	domain->request.bytes[sizeof(struct header)] = 0;
	domain->request.have = sizeof(struct header) + 1;
}

static void client_left(struct domain *domain)
{
	close(domain->client);
	domain->client = -1;
	domain->is_resetting = 1;
	begin_reset(domain);
}

/* Takes what the client says, up to the end of a message. */
static void take_request(struct domain *domain)
{
	struct message *request = &domain->request;
	ssize_t count = recv(domain->client, request->bytes + request->have, missing(request), MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count > 0)
		request->have += count;
	if (count <= 0 || (request->have >= sizeof(struct header) && request->header.length > MAX_PAYLOAD))
		client_left(domain);
}

/* Puts as much of a whole request into the page as there is room for; returns whether another one is to follow. */
static int pass_request(struct domain *domain)
{
	struct page *page = domain->page;
	uint32_t count = 0;
	while (domain->request_sent < domain->request.have && page->request_written + count - page->request_read < RING_SIZE)
		page->request[(page->request_written + count++) % RING_SIZE] = domain->request.bytes[domain->request_sent++];
	if (count) {
		__sync_synchronize();
		page->request_written += count;
		tell_xenstored(domain);
	}
	if (domain->request_sent < domain->request.have)
		return 0;
	int was_own = domain->request.header.request == OWN_REQUEST;
	domain->request.have = domain->request_sent = 0;
	if (!domain->is_resetting || was_own)
		return 0;
	begin_reset(domain);
	return 1;
}

/* Takes messages out of the page and gives them to the client, if there still is one. */
static void pass_responses(struct domain *domain)
{
	struct page *page = domain->page;
	struct message *response = &domain->response;
	while (page->response_read != page->response_written) {
		response->bytes[response->have++] = page->response[page->response_read % RING_SIZE];
		__sync_synchronize();
		page->response_read++;
		if (!is_whole(response))
			continue;
		if (response->header.request == OWN_REQUEST)
			domain->is_resetting = 0;
		else if (domain->client >= 0 && send(domain->client, response->bytes, response->have, MSG_NOSIGNAL) < 0)
			client_left(domain);
		response->have = 0;
		tell_xenstored(domain);
	}
}

/* The socket is there when the introduction returns. */
static int listen_for(const struct domain *domain)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/domid-%u.sock", getenv("XENSTORED_RUNDIR"), domain->id);
	unlink(address.sun_path);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 4))
		die(address.sun_path);
	return listener;
}

static void *serve(void *argument)
{
	struct domain *domain = argument;
	for (;;) {
		int has_request = is_whole(&domain->request);
		struct pollfd poll_for[] = {
			{ domain->wake, POLLIN, 0 },
			{ domain->client < 0 && !domain->is_resetting ? domain->listener : -1, POLLIN, 0 },
			{ has_request ? -1 : domain->client, POLLIN, 0 },
		};
		uint64_t times;
		if (poll(poll_for, 3, -1) < 0 && errno != EINTR)
			die("poll");
		if (poll_for[0].revents && read(domain->wake, &times, sizeof(times)) < 0)
			die("wake");
		if (poll_for[1].revents)
			domain->client = accept4(domain->listener, NULL, NULL, SOCK_CLOEXEC);
		if (poll_for[2].revents)
			take_request(domain);
		pass_responses(domain);
		while (is_whole(&domain->request) && pass_request(domain))
			;
	}
}

/* The domain of an id, made when it is first asked for. */
static struct domain *find_domain(uint32_t id)
{
	struct domain *found = NULL;
	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; i < domain_count; i++) {
		if (domains[i]->id == id)
			found = domains[i];
	}
	if (!found) {
		if (domain_count == MAX_DOMAINS || !(found = calloc(1, sizeof(*found))))
			die("one domain too many");
		found->id = id;
		found->client = -1;
		found->port = FIRST_PORT + domain_count;
		found->wake = eventfd(0, EFD_CLOEXEC);
		found->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (found->wake < 0 || found->page == MAP_FAILED)
			die("domain");
		domains[domain_count++] = found;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

/* libxenctrl */
void *xc_interface_open(void *logger, void *dombuild_logger, unsigned flags) { return &lock; }
int xc_interface_close(void *handle) { return 0; }

/* Every domain exists and runs. */
int xc_domain_getinfo(void *handle, uint32_t first, unsigned count, uint32_t *info)
{
	memset(info, 0, DOMINFO_SIZE);
	info[0] = first;
	return 1;
}

/* libxengnttab */
void *xengnttab_open(void *logger, unsigned flags) { return &lock; }
int xengnttab_close(void *handle) { return 0; }
int xengnttab_set_max_grants(void *handle, uint32_t count) { return 0; }
int xengnttab_unmap(void *handle, void *start, uint32_t count) { return 0; }

void *xengnttab_map_grant_ref(void *handle, uint32_t id, uint32_t reference, int protection)
{
	struct domain *domain = find_domain(id);
	pthread_t thread;
	if (!domain->listener) {
		domain->listener = listen_for(domain);
		if ((errno = pthread_create(&thread, NULL, serve, domain)))
			die("thread");
	}
	return domain->page;
}

/* libxenevtchn */
void *xenevtchn_open(void *logger, unsigned flags)
{
	return pipe2(event_channel, O_CLOEXEC) || fcntl(event_channel[1], F_SETFL, O_NONBLOCK) ? NULL : &lock;
}

void *xenevtchn_fdopen(void *logger, int descriptor, unsigned flags)
{
	errno = ENOSYS;
	return NULL;
}

int xenevtchn_fd(void *handle) { return event_channel[0]; }
int xenevtchn_bind_virq(void *handle, unsigned virq) { return 1; }
int xenevtchn_bind_interdomain(void *handle, uint32_t id, uint32_t remote) { return find_domain(id)->port; }
int xenevtchn_unbind(void *handle, uint32_t port) { return 0; }
int xenevtchn_unmask(void *handle, uint32_t port) { return 0; }

int xenevtchn_pending(void *handle)
{
	uint32_t port;
	return read(event_channel[0], &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

int xenevtchn_notify(void *handle, uint32_t port)
{
	uint64_t once = 1;
	if (port < FIRST_PORT || port - FIRST_PORT >= domain_count)
		return 0;
	return write(domains[port - FIRST_PORT]->wake, &once, sizeof(once)) < 0 ? -1 : 0;
}

/* The shared page and the event channel of dom0, which talks through the socket here and needs neither. */
int open(const char *path, int flags, ...)
{
	static int (*next)(const char *, int, ...);
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = va_arg(arguments, mode_t);
	va_end(arguments);
	if (!strcmp(path, "/proc/xen/xsd_port") || !strcmp(path, "/proc/xen/xsd_kva")) {
		int file = memfd_create("xsd", MFD_CLOEXEC);
		if (file < 0 || ftruncate(file, 4096) || pwrite(file, "1\n", 2, 0) != 2)
			die(path);
		return file;
	}
	if (!next)
		next = dlsym(RTLD_NEXT, "open");
	return next(path, flags, mode);
}
