// The texts of the helpers that are written in Python, as the assembler reads them from the package.
#include "python/bindings/aot/helper_texts.h"

#include <cstring>

#define EMBED(symbol, file)                                                                                 \
  asm(".section .rodata\n.global " #symbol "\n.hidden " #symbol "\n" #symbol ":\n.incbin \"" CANTIL_PACKAGE \
      "/" file "\"\n.byte 0\n.previous\n");                                                                 \
  extern "C" const char symbol[]

EMBED(cantil_aot_text_binding, "_binding.py");
EMBED(cantil_aot_text_tracebacks, "_tracebacks.py");

namespace cantil::aot {

const char* helper_text(const char* module) {
  if (std::strcmp(module, "_binding") == 0) return cantil_aot_text_binding;
  if (std::strcmp(module, "_tracebacks") == 0) return cantil_aot_text_tracebacks;
  return nullptr;
}

}  // namespace cantil::aot
