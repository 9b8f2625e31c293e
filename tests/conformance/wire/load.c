/* Calls at a constant rate, whatever comes back (open loop): a slow answer does not hold up the next call, so what a
 * caller waits is counted from the instant he meant to call.
 *   load PORT PLAN RECORDS CONNECTIONS PATIENCE_MS RATE:SECONDS..
 *   load --null PORT          answers everything at once: how much this program can ask for at all
 * PLAN: lines `R class path token-or--` (reads) and `L lot first-minor step-minor token..` (lots and who bids there). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BID = 100, ANSWERED = 0, GAVE_UP = 1, UNSENT = 2, BROKEN = 3 };

/* One call, as it is written into RECORDS. */
struct record {
  uint32_t at_ms, waited_us, sent_us; /* meant at; from then to the answer; from sending to the answer */
  uint16_t status;
  uint8_t kind, outcome, phase, retry_after;
  char code[14]; /* of a problem */
} __attribute__((packed));

struct call { double at; int kind, what, phase; };

struct line {
  int fd, state, registered; /* state: 0 closed, 1 idle, 2 connecting, 3 busy */
  struct call call;
  double sent;
  char out[2048]; int out_len, out_at;
  char in[65536]; int in_len, head_len; long body_len;
  struct line *next, *before; /* of those that wait, in the order of sending; or of the idle ones */
};

static struct { int kind; char *path, *token; } *reads;
static struct { char *lot; int64_t first, step; char *tokens[8]; int tokens_n; } *lots;
static int reads_n, lots_n, port, patience, lines_max, epoll, phase;
static int64_t *bids; /* of each lot so far; kept beside the plan, since prices only rise */
static struct line *lines, *idle;
static struct line waiting; /* ring */
static struct call *queue; static size_t queue_head, queue_n, queue_max = 1 << 20;
static FILE *records;
static uint64_t chance = 88172645463325252ull, bid_number;
static double begun, still, lag_worst, lag_sum; static long lag_n;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static uint64_t dice(void) { chance ^= chance << 13; chance ^= chance >> 7; chance ^= chance << 17; return chance; }
static void die(const char *what) { perror(what); exit(1); }

static void note(const struct call *call, int outcome, int status, double sent, double at, int retry_after, const char *code) {
  struct record r = { .at_ms = (call->at - begun) * 1e3, .waited_us = (at - call->at) * 1e6, .sent_us = sent > 0 ? (at - sent) * 1e6 : 0,
    .status = status, .kind = call->kind, .outcome = outcome, .phase = call->phase, .retry_after = retry_after };
  if (code) memcpy(r.code, code, strnlen(code, sizeof r.code));
  fwrite(&r, sizeof r, 1, records);
}

static void leave(struct line *l) { if (l->next) { l->before->next = l->next; l->next->before = l->before; l->next = l->before = NULL; } }
static void wait_last(struct line *l) { l->before = waiting.before; l->next = &waiting; waiting.before->next = l; waiting.before = l; }

static void hang_up(struct line *l) { leave(l); if (l->fd >= 0) close(l->fd); l->fd = -1; l->state = 0; l->registered = 0; l->next = idle; idle = l; l->before = NULL; }

static void interest(struct line *l, uint32_t events) {
  struct epoll_event e = { .events = events, .data.ptr = l };
  if (epoll_ctl(epoll, l->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, l->fd, &e)) die("epoll_ctl");
  l->registered = 1;
}

static void dispatch(void);

static void push(struct line *l) {
  while (l->out_at < l->out_len) {
    ssize_t n = send(l->fd, l->out + l->out_at, l->out_len - l->out_at, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) { interest(l, EPOLLIN | EPOLLOUT); return; }
      note(&l->call, BROKEN, 0, l->sent, now(), 0, "send"); hang_up(l); return;
    }
    l->out_at += n;
  }
}

static void begin(struct line *l, const struct call *call) {
  l->call = *call; l->in_len = l->head_len = 0; l->body_len = -1; l->out_at = 0;
  if (call->kind == BID) {
    int64_t turn = bids[call->what]++, price = lots[call->what].first + turn * lots[call->what].step;
    char body[96];
    int n = snprintf(body, sizeof body, "{\"price\":{\"amount\":\"%ld.%02ld\",\"currency\":\"CNY\"},\"confirmed\":true}", price / 100, price % 100);
    l->out_len = snprintf(l->out, sizeof l->out, "POST /v1/lots/%s/bids HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer %s\r\nIdempotency-Key: load-%d-%lu\r\n"
      "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", lots[call->what].lot, lots[call->what].tokens[turn % lots[call->what].tokens_n],
      (int)getpid(), ++bid_number, n, body);
  } else {
    const char *token = reads[call->what].token;
    l->out_len = snprintf(l->out, sizeof l->out, "GET %s HTTP/1.1\r\nHost: load\r\n%s%s%s\r\n", reads[call->what].path,
      token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
  }
  if (l->out_len >= (int)sizeof l->out) { fputs("a call is too long\n", stderr); exit(1); }
  l->sent = now();
  double lag = l->sent - call->at; lag_sum += lag; lag_n++; if (lag > lag_worst) lag_worst = lag;
  wait_last(l);
  if (l->fd < 0) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;
    if ((l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0) die("socket");
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(l->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { note(call, BROKEN, 0, l->sent, now(), 0, "connect"); hang_up(l); return; }
    l->state = 2; interest(l, EPOLLOUT);
  } else { l->state = 3; push(l); }
}

static void arrive(const struct call *call) {
  struct line *l = idle;
  if (l && !queue_n) { idle = l->next; l->next = NULL; begin(l, call); return; }
  if (queue_n == queue_max) { note(call, UNSENT, 0, 0, now(), 0, NULL); return; }
  queue[(queue_head + queue_n++) % queue_max] = *call;
}

static void dispatch(void) {
  double at = now();
  while (queue_n) {
    struct call call = queue[queue_head];
    int late = (at - call.at) * 1e3 > patience;
    if (!late && !idle) break;
    queue_head = (queue_head + 1) % queue_max; queue_n--;
    if (late) { note(&call, UNSENT, 0, 0, at, 0, NULL); continue; }
    struct line *l = idle; idle = l->next; l->next = NULL; begin(l, &call);
  }
}

static const char *header(const char *in, const char *name) {
  const char *found = strcasestr(in, name);
  return found ? found + strlen(name) : NULL;
}

static void pull(struct line *l) {
  for (;;) {
    if (l->in_len == sizeof l->in - 1) { /* of a long answer only the head is of interest */
      if (!l->head_len) { note(&l->call, BROKEN, 0, l->sent, now(), 0, "head"); hang_up(l); return; }
      long got = l->in_len - l->head_len; l->body_len -= got; l->in_len = l->head_len;
    }
    ssize_t n = recv(l->fd, l->in + l->in_len, sizeof l->in - 1 - l->in_len, 0);
    if (n < 0 && errno == EAGAIN) return;
    /* Closed while nobody asked for anything: it stays among the idle ones and connects anew. */
    if (l->state == 1) { close(l->fd); l->fd = -1; l->state = l->registered = 0; return; }
    if (n <= 0) {
      if (l->state == 3) note(&l->call, BROKEN, 0, l->sent, now(), 0, n ? "reset" : "closed");
      hang_up(l); return;
    }
    l->in_len += n; l->in[l->in_len] = 0;
    if (!l->head_len) {
      char *end = strstr(l->in, "\r\n\r\n");
      if (!end) continue;
      l->head_len = end + 4 - l->in;
      end[2] = 0;
      const char *length = header(l->in, "\ncontent-length:");
      if (!length) { note(&l->call, BROKEN, 0, l->sent, now(), 0, "length"); hang_up(l); return; }
      l->body_len = atol(length);
    }
    if (l->in_len - l->head_len < l->body_len) continue;
    int status = atoi(l->in + 9), closes = 0; const char *connection = header(l->in, "\nconnection:"), *code = NULL;
    if (connection) closes = strcasestr(connection, "close") && strcasestr(connection, "close") < strchr(connection, '\r');
    char word[15] = "";
    if (status >= 400 && (code = strstr(l->in + l->head_len, "\"code\":\"")) && !strstr(l->in + l->head_len, "\"errors\"")) sscanf(code + 8, "%14[^\"]", word);
    note(&l->call, ANSWERED, status, l->sent, now(), header(l->in, "\nretry-after:") != NULL, word);
    if (closes) { hang_up(l); return; }
    leave(l); l->state = 1; l->next = idle; idle = l;
    return;
  }
}

static void serve_nothing(void) {
  static char in[65536]; static const char answer[] = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, e = epoll_create1(0);
  struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (void *)&me, sizeof me) || listen(listener, 4096)) die("listen");
  struct epoll_event some[256], this = { .events = EPOLLIN, .data.fd = listener };
  epoll_ctl(e, EPOLL_CTL_ADD, listener, &this);
  for (;;) for (int n = epoll_wait(e, some, 256, -1), i = 0; i < n; i++) {
    int fd = some[i].data.fd;
    if (fd == listener) {
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) { struct epoll_event new = { .events = EPOLLIN, .data.fd = fd }; epoll_ctl(e, EPOLL_CTL_ADD, fd, &new); }
    } else if (recv(fd, in, sizeof in, 0) <= 0) close(fd);
    else send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
  }
}

static void plan(const char *name) {
  FILE *file = fopen(name, "r"); static char text[16384];
  if (!file) die(name);
  while (fgets(text, sizeof text, file)) {
    text[strcspn(text, "\n")] = 0;
    strtok(text, " ");
    if (*text == 'R') {
      reads = realloc(reads, sizeof *reads * (reads_n + 1));
      reads[reads_n].kind = atoi(strtok(NULL, " "));
      reads[reads_n].path = strdup(strtok(NULL, " "));
      char *token = strtok(NULL, " ");
      reads[reads_n++].token = *token == '-' ? NULL : strdup(token);
    } else if (*text == 'L') {
      lots = realloc(lots, sizeof *lots * (lots_n + 1));
      memset(&lots[lots_n], 0, sizeof *lots);
      lots[lots_n].lot = strdup(strtok(NULL, " "));
      lots[lots_n].first = atoll(strtok(NULL, " "));
      lots[lots_n].step = atoll(strtok(NULL, " "));
      for (char *token; (token = strtok(NULL, " ")) && lots[lots_n].tokens_n < 8;) lots[lots_n].tokens[lots[lots_n].tokens_n++] = strdup(token);
      lots_n++;
    }
  }
  fclose(file);
  char kept[4096]; snprintf(kept, sizeof kept, "%s.bids", name);
  int fd = open(kept, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, 8 * (lots_n + 1))) die(kept);
  bids = mmap(NULL, 8 * (lots_n + 1), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (bids == MAP_FAILED) die("mmap");
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "--null")) { port = atoi(argv[2]); serve_nothing(); }
  if (argc < 7) { fputs("see the top of load.c\n", stderr); return 2; }
  port = atoi(argv[1]); plan(argv[2]); lines_max = atoi(argv[4]); patience = atoi(argv[5]);
  if (!(records = fopen(argv[3], "w"))) die(argv[3]);
  setvbuf(records, NULL, _IOFBF, 1 << 20);
  lines = calloc(lines_max, sizeof *lines); queue = malloc(sizeof *queue * queue_max);
  for (int i = lines_max; i--;) { lines[i].fd = -1; lines[i].next = idle; idle = &lines[i]; }
  waiting.next = waiting.before = &waiting;
  epoll = epoll_create1(0);
  begun = now();
  double phase_at = begun;
  struct epoll_event some[512];
  for (phase = 0; phase < argc - 6; phase++) {
    double rate = atof(argv[6 + phase]), seconds = atof(strchr(argv[6 + phase], ':') + 1), ends = phase_at + seconds;
    long due = 0, all = rate * seconds;
    int last = phase == argc - 7;
    struct rusage before, after; getrusage(RUSAGE_SELF, &before);
    lag_worst = lag_sum = still = 0; lag_n = 0;
    double turned = now();
    for (;;) {
      double at = now();
      if (at - turned > still) still = at - turned;
      turned = at;
      for (; due < all && phase_at + due / rate <= at; due++) {
        int bid = lots_n && dice() % 5 == 0;
        struct call call = { .at = phase_at + due / rate, .phase = phase };
        if (bid) { call.kind = BID; call.what = dice() % lots_n; } else { call.what = dice() % reads_n; call.kind = reads[call.what].kind; }
        arrive(&call);
      }
      dispatch();
      while (waiting.next != &waiting && (at - waiting.next->sent) * 1e3 > patience) {
        struct line *l = waiting.next; note(&l->call, GAVE_UP, 0, l->sent, at, 0, NULL); hang_up(l);
      }
      if (at >= ends && due == all && (!last || (waiting.next == &waiting && !queue_n))) break;
      /* Half a millisecond of sleep at least, or waking alone would take the processor. */
      struct timespec nap = { 0, 500000 };
      int n = epoll_pwait2(epoll, some, 512, &nap, NULL);
      if (n < 0 && errno == ENOSYS) n = epoll_wait(epoll, some, 512, 1);
      for (int i = 0; i < n; i++) {
        struct line *l = some[i].data.ptr;
        if (l->fd < 0) continue;
        if (l->state == 2) {
          int error = 0; socklen_t size = sizeof error; getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size);
          if (error) { note(&l->call, BROKEN, 0, l->sent, now(), 0, "connect"); hang_up(l); continue; }
          l->state = 3; interest(l, EPOLLIN); push(l);
        } else {
          if (some[i].events & EPOLLOUT) { interest(l, EPOLLIN); push(l); }
          if (l->fd >= 0 && (some[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) pull(l);
        }
      }
    }
    getrusage(RUSAGE_SELF, &after);
    double used = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) + (after.ru_stime.tv_sec - before.ru_stime.tv_sec)
      + (after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    printf("{\"phase\":%d,\"rate\":%g,\"seconds\":%.3f,\"cpu\":%.3f,\"lag_mean_ms\":%.3f,\"lag_worst_ms\":%.3f,\"still_ms\":%.3f}\n", phase, rate, now() - phase_at, used,
      lag_n ? lag_sum / lag_n * 1e3 : 0, lag_worst * 1e3, still * 1e3);
    fflush(stdout);
    phase_at = ends;
  }
  fclose(records);
  return 0;
}
