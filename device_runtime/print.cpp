// print() of compiled code: one call's text is put together per thread and handed over whole.
#include <atomic>
#include <charconv>
#include <cstdio>
#include <string>

#include "device_runtime/abi.h"
#include "device_runtime/number_text.h"
#include "device_runtime/text/functions.h"
#include "device_runtime/text/text.h"

namespace {

using Hook = void (*)(const char* text, int64_t size);

void to_c_stdout(const char* text, int64_t size) {
  std::fwrite(text, 1, static_cast<size_t>(size), stdout);
  std::fflush(stdout);
}

std::atomic<Hook> hook{to_c_stdout};

using StreamHook = void (*)(const char* text, int64_t size, int32_t stream, bool flush);

void to_c_stream(const char* text, int64_t size, int32_t stream, bool flush) {
  std::FILE* file = stream == 2 ? stderr : stdout;
  std::fwrite(text, 1, static_cast<size_t>(size), file);
  if (flush || stream != 2) std::fflush(file);
}

std::atomic<StreamHook> stream_hook{to_c_stream};
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

// print() of what is no plain number: the whole text, to stdout or (stream 2) stderr.
void cantil_rt_text_print(const cantil_rt_owner* t, int64_t stream, bool flush) {
  std::string out;
  cantil::device_runtime::append_utf8(out, t);
  stream_hook.load()(out.data(), static_cast<int64_t>(out.size()), static_cast<int32_t>(stream), flush);
}

void cantil_rt_set_stream_hook(void (*new_hook)(const char*, int64_t, int32_t, bool)) {
  stream_hook.store(new_hook != nullptr ? new_hook : to_c_stream);
}

void cantil_rt_set_print_hook(void (*new_hook)(const char*, int64_t)) {
  hook.store(new_hook != nullptr ? new_hook : to_c_stdout);
}

}  // extern "C"
