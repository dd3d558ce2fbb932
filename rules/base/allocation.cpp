// operator new and delete of programs whose time goes into small objects. A review of
// sluice-injector makes and frees some thousands of them on one thread, over and over, and so does
// a call of sluice-cni, once; glibc keeps seven of a size at hand for a thread, and does its
// bookkeeping for all others. Here each thread keeps what it freed, by size, up to a limit:
// measured, that is a quarter of a review's time, and a tenth of an ADD's own. What is larger, and
// what is beyond the limit, goes to malloc and free, so that tools that watch those see no more
// than a large cache; so does all that a thread kept, when it ends. There is no lock, and nothing
// that a fork could leave half done. What is aligned more than malloc's own is not ours.

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>
#include <sys/single_threaded.h>

namespace {

constexpr std::size_t kStep = 16;            // between sizes, as malloc rounds them
constexpr std::size_t kSizes = 65;           // up to 1 KiB
constexpr std::size_t kKept = 512UL << 10U;  // bytes of each size, at most

struct Free {
  Free* next;
};

struct Kept {
  Free* first;
  std::size_t bytes;
};

// Of trivial type, so that it needs no construction and may be used until the very end of a thread.
thread_local std::array<Kept, kSizes> kept;

/// Gives back what the thread kept. What it frees after that goes to free() at once: each size
/// counts as full.
struct GiveBack {
  GiveBack() = default;
  GiveBack(const GiveBack&) = delete;
  GiveBack& operator=(const GiveBack&) = delete;
  ~GiveBack() {
    for (Kept& same : kept) {
      while (same.first != nullptr) {
        Free* const block = same.first;
        same.first = block->next;
        std::free(block);
      }
      same.bytes = kKept;
    }
  }
  bool wanted = false;
};
thread_local GiveBack at_end;

void* fresh(std::size_t size) {
  for (;;) {
    if (void* const block = std::malloc(size)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

/// Which size a block belongs to that is to hold so much.
std::size_t index_of(std::size_t size) {
  return size == 0 ? 1 : (size + kStep - 1) / kStep;
}

void keep(void* block, std::size_t index) {
  if (index >= kSizes || kept[index].bytes >= kKept) return std::free(block);
  Kept& same = kept[index];
  // The only thread ends with the process, which needs nothing back.
  if (same.first == nullptr && __libc_single_threaded == 0) at_end.wanted = true;
  same.first = new (block) Free{same.first};
  same.bytes += index * kStep;
}

}  // namespace

void* operator new(std::size_t size) {
  const std::size_t index = index_of(size);
  if (index >= kSizes) return fresh(size);
  Kept& same = kept[index];
  if (same.first == nullptr) return fresh(index * kStep);
  Free* const block = same.first;
  same.first = block->next;
  same.bytes -= index * kStep;
  return block;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  // malloc gives eight bytes more than a multiple of 16: rounded down, the size that was asked for
  // or more.
  keep(block, malloc_usable_size(block) / kStep);
}

void operator delete(void* block, std::size_t size) noexcept {
  if (block != nullptr) keep(block, index_of(size));
}
