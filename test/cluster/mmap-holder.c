/* Holds a file of a mount by a mapping alone: mmap-holder FILE. Writes "held" when it does. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0) return 1;
  if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED) return 2;
  close(file);
  puts("held");
  fflush(stdout);
  for (;;) pause();
}
