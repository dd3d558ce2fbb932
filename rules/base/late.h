#pragma once

// Initializers of libraries that a program has put aside, because most of its calls need none of
// what they set up (plugin/CMakeLists.txt): whoever uses such a library runs them first.

namespace sluice {

/// What the C library calls with argc, argv and envp before main().
using Initializer = void (*)(int, char**, char**);

/// Runs the initializers of the section between `first` and `last`, its bounds as the linker names
/// them: both null where nothing was put aside.
inline void run_initializers(const Initializer* first, const Initializer* last) {
  for (const Initializer* one = first; one != last; ++one) (*one)(0, nullptr, nullptr);
}

}  // namespace sluice
