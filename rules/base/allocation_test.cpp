// What the replaced operator new and delete hold, and what they give back.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <malloc.h>

namespace {

constexpr std::size_t kBlocks = 8;  // of each size
constexpr std::size_t kLargest = 1100;

/// Has a block of each size many times at once, so that a thread keeps half a megabyte and more.
void use_blocks() {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t size = 1; size < kLargest; size += 8) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      blocks.push_back(std::make_unique_for_overwrite<char[]>(size));
      blocks.back()[size - 1] = 'x';
    }
  }
}

std::size_t bytes_in_use() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

/// Frees its block after everything else of its thread has ended.
struct Late {
  std::unique_ptr<int> held;
  ~Late() { held.reset(new int(8)); }
};

}  // namespace

TEST_CASE("threads that end leave nothing behind") {
  std::thread(use_blocks).join();
  const std::size_t before = bytes_in_use();
  for (int i = 0; i < 2000; ++i) std::thread(use_blocks).join();
  CHECK(bytes_in_use() < before + (std::size_t{1} << 20));
}

TEST_CASE("a thread may free to its very end, and what another one made") {
  const std::size_t before = bytes_in_use();
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::unique_ptr<char[]>> made(kBlocks);
    for (auto& block : made) block = std::make_unique<char[]>(500);
    std::thread([&] {
      thread_local Late late;
      late.held = std::make_unique<int>(7);
      made.clear();
    }).join();
  }
  CHECK(bytes_in_use() < before + (std::size_t{1} << 20));
}

TEST_CASE("blocks are aligned, apart from each other, and as large as asked for") {
  std::vector<char*> blocks;
  for (std::size_t size = 0; size < kLargest; ++size) {
    blocks.push_back(static_cast<char*>(::operator new(size)));
    CHECK(reinterpret_cast<std::uintptr_t>(blocks.back()) % alignof(std::max_align_t) == 0);
    CHECK(malloc_usable_size(blocks.back()) >= size);
    for (std::size_t i = 0; i < size; ++i) blocks.back()[i] = static_cast<char>(size);
  }
  for (std::size_t size = 0; size < kLargest; ++size) {
    bool whole = true;
    for (std::size_t i = 0; i < size; ++i) whole &= blocks[size][i] == static_cast<char>(size);
    CHECK(whole);
    if (size % 2 == 0) {
      ::operator delete(blocks[size]);
    } else {
      ::operator delete(blocks[size], size);
    }
  }
}

TEST_CASE("aligned and nothrow forms go together with ours") {
  struct alignas(128) Wide {
    std::array<char, 128> bytes;
  };
  for (int i = 0; i < 1000; ++i) {
    const auto wide = std::make_unique<Wide>();
    CHECK(reinterpret_cast<std::uintptr_t>(wide.get()) % 128 == 0);
    const std::unique_ptr<int> small(new (std::nothrow) int(i));
    REQUIRE(small != nullptr);
    CHECK(*small == i);
  }
}
