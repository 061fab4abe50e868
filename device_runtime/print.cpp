// print() of compiled code: one call's text is put together per thread and handed over whole.
#include <atomic>
#include <charconv>
#include <cstdio>
#include <string>

#include "device_runtime/abi.h"
#include "device_runtime/number_text.h"

namespace {

using Hook = void (*)(const char* text, int64_t size);

void to_c_stdout(const char* text, int64_t size) {
  std::fwrite(text, 1, static_cast<size_t>(size), stdout);
  std::fflush(stdout);
}

std::atomic<Hook> hook{to_c_stdout};
thread_local std::string text;

template <class Integer>
void append_integer(Integer v) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  text.append(buffer, end);
}

}  // namespace

extern "C" {

void cantil_rt_print_begin(void) { text.clear(); }
void cantil_rt_print_text(const char* piece, int64_t size) { text.append(piece, static_cast<size_t>(size)); }
void cantil_rt_print_i64(int64_t v) { append_integer(v); }
void cantil_rt_print_u64(uint64_t v) { append_integer(v); }
void cantil_rt_print_f64(double v) { cantil::device_runtime::append_float(text, v); }
void cantil_rt_print_f32(float v) { cantil::device_runtime::append_float(text, v); }
void cantil_rt_print_c128(double re, double im) { cantil::device_runtime::append_complex(text, re, im); }
void cantil_rt_print_c64(float re, float im) { cantil::device_runtime::append_complex(text, re, im); }
void cantil_rt_print_bool(int32_t v) { text += v != 0 ? "True" : "False"; }
void cantil_rt_print_end(void) { hook.load()(text.data(), static_cast<int64_t>(text.size())); }

void cantil_rt_set_print_hook(void (*new_hook)(const char*, int64_t)) {
  hook.store(new_hook != nullptr ? new_hook : to_c_stdout);
}

}  // extern "C"
