#pragma once

// The pieces of a layout, which format_time and parse_time both walk.

#include <string_view>

namespace sluice::tmpl {

enum class Piece {
  None,  ///< nothing but literal text follows
  LongMonth,
  ShortMonth,
  Month,
  LongWeekday,
  ShortWeekday,
  Day,
  SpacedDay,
  YearDay,
  SpacedYearDay,
  Hour,
  Hour12,
  Minute,
  Second,
  LongYear,
  ShortYear,
  UpperHalf,  ///< AM, PM
  LowerHalf,
  Zone,    ///< MST
  Offset,  ///< -0700 and the like; Z0700 prints Z for UTC
  FixedFraction,
  ShortFraction,
};

/// One piece, the literal text before it and the layout after it.
struct Chunk {
  std::string_view before;
  Piece piece = Piece::None;
  std::string_view text;  ///< of the piece: "2006", "-07:00", ".000"
  std::string_view after;

  /// Whether the number has leading zeros: 01, 02, 03, 04, 05, 002.
  [[nodiscard]] bool zeros() const { return text.front() == '0'; }
};

[[nodiscard]] Chunk next_chunk(std::string_view layout);

}  // namespace sluice::tmpl
