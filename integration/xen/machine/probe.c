/*
 * The one program of the test machine's guests, static: serves commands, answers probes, and sends them.
 *
 *   probe commands PORT            runs /bin/sh /bin/execd for each TCP connection, which is its input and output
 *   probe serve PORT...            answers on TCP and UDP, IPv4 and IPv6; a line on standard output for each datagram: "heard PORT FROM"
 *   probe ask SECONDS QUESTION...  all at the same time, each for so long; a line for each, in order: QUESTION answered|refused|silent
 *   probe stream ADDRESS PORT N    N numbered datagrams a second until SIGTERM, then "sent S answered A gap MILLISECONDS"
 *
 * A question is tcp/ADDRESS/PORT, udp/ADDRESS/PORT or ping/ADDRESS. Refused is a TCP reset, or what Linux makes of ICMP
 * "administratively prohibited" (EHOSTUNREACH; EACCES for IPv6), and not what it says by itself of a neighbour that does not answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PORTS = 32, MAX_STREAM = 1 << 20, ATTEMPT_MS = 1000 };

union address { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; };

static void fail(const char *what) { perror(what); exit(1); }

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static socklen_t parse(const char *text, int port, union address *a)
{
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons(port);
        return sizeof a->v4;
    }
    if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
        a->v6.sin6_family = AF_INET6;
        a->v6.sin6_port = htons(port);
        return sizeof a->v6;
    }
    fprintf(stderr, "probe: '%s' is no address\n", text);
    exit(2);
}

/* A socket that both families reach. */
static int listener(int type, int port)
{
    int one = 1, s = socket(AF_INET6, type, 0);
    union address a = { .v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) } };
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) || bind(s, &a.any, sizeof a.v6) || (type == SOCK_STREAM && listen(s, 64)))
        fail("listen");
    return s;
}

static int commands(int port)
{
    int s = listener(SOCK_STREAM, port);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int c = accept(s, NULL, NULL);
        if (c < 0)
            fail("accept");
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(s);
            for (int fd = 0; fd < 3; fd++)
                dup2(c, fd);
            close(c);
            execl("/bin/sh", "sh", "/bin/execd", NULL);
            _exit(127);
        }
        close(c);
    }
}

static int serve(int count, char **ports)
{
    struct pollfd sockets[2 * MAX_PORTS];
    if (count > MAX_PORTS)
        return 2;
    for (int i = 0; i < count; i++) {
        sockets[2 * i] = (struct pollfd){ .fd = listener(SOCK_STREAM, atoi(ports[i])), .events = POLLIN };
        sockets[2 * i + 1] = (struct pollfd){ .fd = listener(SOCK_DGRAM, atoi(ports[i])), .events = POLLIN };
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    while (poll(sockets, 2 * count, -1) > 0)
        for (int i = 0; i < 2 * count; i++) {
            char bytes[64], text[INET6_ADDRSTRLEN];
            union address from;
            socklen_t length = sizeof from;
            if (!(sockets[i].revents & POLLIN))
                continue;
            if (i % 2 == 0) {
                int c = accept(sockets[i].fd, NULL, NULL);
                if (c >= 0) {
                    send(c, "osc", 3, 0);
                    close(c);
                }
                continue;
            }
            ssize_t got = recvfrom(sockets[i].fd, bytes, sizeof bytes, 0, &from.any, &length);
            if (got < 0)
                continue; /* an ICMP error that an answer met */
            printf("heard %s %s\n", ports[i / 2], inet_ntop(AF_INET6, &from.v6.sin6_addr, text, sizeof text));
            sendto(sockets[i].fd, bytes, got, 0, &from.any, length);
        }
    fail("poll");
    return 1;
}

static const char *outcome(int error) { return error == ECONNREFUSED || error == ECONNRESET || error == EACCES ? "refused" : "silent"; }

/* Whether an ICMP message said "communication administratively prohibited" of what was sent (IP_RECVERR in ip(7)). Linux makes
   "host unreachable" of a neighbour that does not answer: the same errno, another code. */
static int is_prohibited(int s)
{
    char bytes[64], control[512];
    struct iovec data = { .iov_base = bytes, .iov_len = sizeof bytes };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    if (recvmsg(s, &message, MSG_ERRQUEUE) < 0)
        return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        struct sock_extended_err *e = (void *)CMSG_DATA(c);
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR && e->ee_origin == SO_EE_ORIGIN_ICMP && e->ee_type == ICMP_DEST_UNREACH && e->ee_code == ICMP_PKT_FILTERED)
            return 1;
    }
    return 0;
}

/* Says something every second and waits for whatever comes back. */
static const char *exchange(int s, const void *bytes, size_t size, int seconds)
{
    char answer[64];
    for (int i = 0; i < seconds * 1000 / ATTEMPT_MS; i++) {
        struct pollfd p = { .fd = s, .events = POLLIN };
        int error = 0;
        if (send(s, bytes, size, 0) < 0)
            error = errno;
        else if (poll(&p, 1, ATTEMPT_MS) > 0 && recv(s, answer, sizeof answer, 0) > 0)
            return "answered";
        else if (p.revents)
            error = errno;
        if (!strcmp(outcome(error), "refused") || (error == EHOSTUNREACH && is_prohibited(s)))
            return "refused";
        if (error)
            poll(NULL, 0, ATTEMPT_MS);
    }
    return "silent";
}

static const char *connect_tcp(int s, union address *a, socklen_t size, int seconds)
{
    char answer[8];
    struct timeval patience = { .tv_sec = seconds };
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(s, &a->any, size))
        return outcome(errno);
    return recv(s, answer, sizeof answer, 0) > 0 ? "answered" : outcome(errno);
}

static const char *ask_one(char *question, int seconds)
{
    char *kind = strtok(question, "/"), *where = strtok(NULL, "/"), *port = strtok(NULL, "/");
    union address a;
    socklen_t size = parse(where ? where : "", port ? atoi(port) : 0, &a);
    int tcp = !strcmp(kind, "tcp"), udp = !strcmp(kind, "udp"), v4 = a.any.sa_family == AF_INET;
    int s = tcp ? socket(a.any.sa_family, SOCK_STREAM, 0) : udp ? socket(a.any.sa_family, SOCK_DGRAM, 0)
        : socket(a.any.sa_family, SOCK_DGRAM, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
    if (s < 0)
        fail("socket");
    if (tcp)
        return connect_tcp(s, &a, size, seconds);
    if (connect(s, &a.any, size))
        return outcome(errno);
    int one = 1;
    if (v4 && setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof one))
        fail("IP_RECVERR");
    if (udp)
        return exchange(s, "osc", 3, seconds);
    struct icmphdr echo4 = { .type = ICMP_ECHO };
    struct icmp6_hdr echo6 = { .icmp6_type = ICMP6_ECHO_REQUEST };
    return v4 ? exchange(s, &echo4, sizeof echo4, seconds) : exchange(s, &echo6, sizeof echo6, seconds);
}

static int ask(int seconds, int count, char **questions)
{
    int pipes[count][2];
    for (int i = 0; i < count; i++) {
        if (pipe(pipes[i]))
            fail("pipe");
        if (fork() == 0) {
            char *question = strdup(questions[i]);
            dprintf(pipes[i][1], "%s", ask_one(question, seconds));
            _exit(0);
        }
        close(pipes[i][1]);
    }
    for (int i = 0; i < count; i++) {
        char answer[16] = "";
        if (read(pipes[i][0], answer, sizeof answer - 1) <= 0)
            return 1;
        printf("%s %s\n", questions[i], answer);
    }
    return 0;
}

static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static int stream(const char *where, int port, int rate)
{
    static uint8_t seen[MAX_STREAM];
    union address a;
    socklen_t size = parse(where, port, &a);
    int s = socket(a.any.sa_family, SOCK_DGRAM, 0);
    uint32_t sent = 0, answered = 0;
    int64_t start = now_us(), last = start, gap = 0, until = 0;
    if (s < 0 || connect(s, &a.any, size) || rate < 1)
        fail("stream");
    struct sigaction action = { .sa_handler = stop };
    sigaction(SIGTERM, &action, NULL);
    for (;;) {
        int64_t now = now_us(), due = start + sent * 1000000LL / rate;
        struct pollfd p = { .fd = s, .events = POLLIN };
        if (stopped && !until)
            until = now + 2000000; /* for answers that are on their way */
        if (until && now >= until)
            break;
        if (!until && now >= due && sent < MAX_STREAM) {
            uint32_t number = htonl(sent++);
            send(s, &number, sizeof number, 0); /* what fails is not answered, and so is counted */
            continue;
        }
        if (poll(&p, 1, until ? (until - now) / 1000 + 1 : (due - now) / 1000 + 1) > 0) {
            uint32_t number;
            if (recv(s, &number, sizeof number, 0) != sizeof number || (number = ntohl(number)) >= sent || seen[number])
                continue;
            seen[number] = 1;
            answered++;
            now = now_us();
            gap = now - last > gap ? now - last : gap;
            last = now;
        }
    }
    printf("sent %u answered %u gap %lld\n", sent, answered, (long long)(gap / 1000));
    return 0;
}

int main(int count, char **words)
{
    if (count == 3 && !strcmp(words[1], "commands"))
        return commands(atoi(words[2]));
    if (count > 2 && !strcmp(words[1], "serve"))
        return serve(count - 2, words + 2);
    if (count > 3 && !strcmp(words[1], "ask"))
        return ask(atoi(words[2]), count - 3, words + 3);
    if (count == 5 && !strcmp(words[1], "stream"))
        return stream(words[2], atoi(words[3]), atoi(words[4]));
    fprintf(stderr, "usage: probe commands PORT | serve PORT... | ask SECONDS QUESTION... | stream ADDRESS PORT N\n");
    return 2;
}
