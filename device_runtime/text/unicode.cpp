// Lookups in the tables that the build makes (write_unicode_tables.py).
#include "device_runtime/text/unicode.h"

namespace cantil::device_runtime {
namespace {

#include "device_runtime/text/unicode_tables.inc"

}  // namespace

const CharacterRecord& record_of(uint32_t c) {
  if (c > 0x10FFFF) return kRecords[0];
  return kRecords[kRecordOf[(static_cast<uint32_t>(kBlockOf[c >> 7]) << 7) + (c & 127)]];
}

int map_character(uint32_t c, Mapping mapping, uint32_t out[3]) {
  const CharacterRecord& r = record_of(c);
  const int which = static_cast<int>(mapping);
  const int32_t to = which == 0 ? r.lower : which == 1 ? r.upper : which == 2 ? r.title : r.folded;
  if (!(r.is_expanded >> which & 1)) {
    out[0] = static_cast<uint32_t>(static_cast<int32_t>(c) + to);
    return 1;
  }
  int n = 0;
  for (; n < 3 && kExpansions[to][n] != 0; ++n) out[n] = kExpansions[to][n];
  return n;
}

}  // namespace cantil::device_runtime
