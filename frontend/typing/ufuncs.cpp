// Reading the declarations of ufuncs, and choosing their loops.
#include "frontend/typing/ufuncs.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <sstream>
#include <unordered_map>

#include "frontend/library.h"
#include "support/diagnostics.h"

namespace cantil::frontend {

using namespace ir;

namespace {

TypeRef type_of_letter(char c) {
  switch (c) {
    case '?':
      return bool_type();
    case 'b':
      return int_type(8);
    case 'B':
      return int_type(8, false);
    case 'h':
      return int_type(16);
    case 'H':
      return int_type(16, false);
    case 'i':
      return int_type(32);
    case 'I':
      return int_type(32, false);
    case 'l':
      return int_type(64);
    case 'L':
      return int_type(64, false);
    case 'e':
      return float_type(16);
    case 'f':
      return float_type(32);
    case 'd':
      return float_type(64);
    case 'F':
      return complex_type(64);
    case 'D':
      return complex_type(128);
    default:
      throw InternalError(std::string("a ufunc's loop has the unknown type letter ") + c);
  }
}

void add_loops(Ufunc& u, const std::string& text, uint32_t body) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (size_t arrow = word.find("->"); arrow != std::string::npos) {
      UfuncLoop loop{{}, type_of_letter(word[arrow + 2]), body};
      for (size_t i = 0; i < arrow; ++i) loop.operands.push_back(type_of_letter(word[i]));
      u.loops.push_back(std::move(loop));
      continue;
    }
    const size_t colon = word.find(':');
    const bool given = colon != std::string::npos;
    for (char c : word.substr(0, colon)) {
      TypeRef t = type_of_letter(c);
      TypeRef result = !given ? t : colon + 1 < word.size() ? type_of_letter(word[colon + 1]) : nullptr;
      u.loops.push_back({std::vector<TypeRef>(u.operand_count, t), result, body});
    }
  }
}

std::unique_ptr<Ufunc> read(const std::string& name) {
  auto u = std::make_unique<Ufunc>();
  for (uint32_t id : library_overloads(name))
    for (const LibraryDecorator& d : library().info(id).decorators) {
      if (d.name != "ufunc" || d.key != name) continue;
      CANTIL_CHECK(d.node->kind == syntax::NodeKind::Call && d.node->list[0].size() == 2);
      u->operand_count = parameters(library_function(id).tree->root).positional.size();
      u->bodies.push_back(id);
      add_loops(*u, d.node->list[0][1]->value.s, id);
    }
  // Complex loops come last, whichever file they are in: everything could be cast to them.
  std::stable_partition(u->loops.begin(), u->loops.end(),
                        [](const UfuncLoop& l) { return !l.operands[0]->is_complex(); });
  return u->loops.empty() ? nullptr : std::move(u);
}

// The width of the float type in which NumPy holds every value of an integer type.
int float_bits(TypeRef t) { return t->is_bool() || t->bits == 8 ? 16 : t->bits == 16 ? 32 : 64; }

bool casts_safely(TypeRef from, TypeRef to, bool mixed) {
  if (from == to || from->is_bool()) return true;
  if (to->is_bool()) return false;
  const int part = to->is_complex() ? to->bits / 2 : to->bits;
  if (from->is_int()) {
    if (!to->is_int()) return (mixed && part > 16) || float_bits(from) <= part;
    if (from->is_signed) return to->is_signed && from->bits <= to->bits;
    return to->is_signed ? from->bits < to->bits : from->bits <= to->bits;
  }
  if (to->is_int()) return false;
  if (from->is_complex()) return to->is_complex() && from->bits <= to->bits;
  return from->bits <= part;
}

// NumPy's casting='same_kind': down in width, never to a simpler kind.
bool casts_within_kind(TypeRef from, TypeRef to) {
  auto kind = [](TypeRef t) {
    return t->is_bool() ? 0 : t->is_int() ? (t->is_signed ? 2 : 1) : t->is_float() ? 3 : 4;
  };
  return kind(from) <= kind(to);
}

}  // namespace

const Ufunc* find_ufunc(const std::string& name) {
  if (name.compare(0, 6, "numpy.") != 0) return nullptr;
  static std::mutex mutex;
  static auto* table = new std::unordered_map<std::string, std::unique_ptr<Ufunc>>;
  std::lock_guard lock(mutex);
  auto found = table->find(name);
  if (found == table->end()) found = table->emplace(name, read(name)).first;
  return found->second.get();
}

const UfuncLoop* find_loop(const Ufunc& u, const std::vector<TypeRef>& operands, TypeRef result) {
  bool whole = false, inexact = false, half = false;
  for (TypeRef t : operands) {
    whole = whole || t->is_int();
    inexact = inexact || t->is_float() || t->is_complex();
    half = half || (t->is_float() && t->bits == 16);
  }
  for (const UfuncLoop& loop : u.loops) {
    bool fits = loop.operands.size() == operands.size();
    for (size_t i = 0; fits && i < operands.size(); ++i) {
      // Half precision is computed with only where it comes in: small integers go to float32, as in Numba.
      fits = casts_safely(operands[i], loop.operands[i], whole && inexact) &&
             (half || !loop.operands[i]->is_float() || loop.operands[i]->bits > 16);
    }
    if (fits && result && loop.result) fits = casts_within_kind(loop.result, result);
    if (fits) return &loop;
  }
  return nullptr;
}

bool can_cast_safely(const std::vector<TypeRef>& operands, const std::vector<TypeRef>& to) {
  return std::equal(operands.begin(), operands.end(), to.begin(), to.end(),
                    [](TypeRef a, TypeRef b) { return casts_safely(a, b, false); });
}

bool casts(TypeRef from, TypeRef to, Casting rule) {
  switch (rule) {
    case Casting::No:
      return from == to;
    case Casting::Safe:
      return casts_safely(from, to, false);
    case Casting::SameKind:
      return casts_within_kind(from, to);
    case Casting::Unsafe:
      return true;
  }
  return false;
}

const UfuncLoop* find_loop_with_result(const Ufunc& u, const std::vector<TypeRef>& operands, TypeRef result,
                                       Casting rule) {
  for (Casting each : {std::min(rule, Casting::Safe), rule})
    for (const UfuncLoop& loop : u.loops) {
      if ((loop.result ? loop.result : loop.operands[0]) != result) continue;
      bool fits = loop.operands.size() == operands.size();
      for (size_t i = 0; fits && i < operands.size(); ++i) fits = casts(operands[i], loop.operands[i], each);
      if (fits) return &loop;
    }
  return nullptr;
}

}  // namespace cantil::frontend
