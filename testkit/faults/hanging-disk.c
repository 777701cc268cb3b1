/*
 * Lets a process hang when it opens a file below a directory:
 *
 *     HANGING_DISK_FILE=FILE HANGING_DISK_BELOW=/otel/pending/ LD_PRELOAD=./hanging-disk.so node ...
 *
 * FILE holds one byte: the disk hangs as long as it is not zero. It may change at any time.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char nothing = 0;
static volatile const char *is_hanging = &nothing;
static const char *below;

__attribute__((constructor)) static void map_flag(void) {
  const char *path = getenv("HANGING_DISK_FILE");
  below = getenv("HANGING_DISK_BELOW");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *is_hanging, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) is_hanging = mapped;
}

static void wait_for_disk(const char *path) {
  if (below == NULL || path == NULL || strstr(path, below) == NULL) return;
  while (*is_hanging != 0) usleep(5000);
}

static mode_t mode_of(int flags, va_list more) {
  return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  wait_for_disk(path);
  return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
  va_list more;
  va_start(more, flags);
  mode_t mode = mode_of(flags, more);
  va_end(more);
  wait_for_disk(path);
  return real(path, flags, mode);
}
