// The tables made from ops.def and math.def, and the module's arena.
#include "ir/ir.h"

#include <iterator>

#include "support/diagnostics.h"

namespace cantil::ir {
namespace {

constexpr OpInfo kOps[] = {
#define OP(name, mnemonic, operands, result, attr, regions, effects) \
  {mnemonic, operands, ResultRule::result, AttrKind::attr, regions, Effects::effects},
#include "ir/ops.def"
#undef OP
};

constexpr MathInfo kMath[] = {
#define MATH(name, text, arity, d, f, nvd, nvf, sleef, kind) \
  {text, arity, d, f, nvd, nvf, sleef, MathKind::kind},
#include "ir/math.def"
#undef MATH
};

constexpr const char* kSregs[] = {"tid.x",    "tid.y",    "tid.z",  "ctaid.x",  "ctaid.y",
                                  "ctaid.z",  "ntid.x",   "ntid.y", "ntid.z",   "nctaid.x",
                                  "nctaid.y", "nctaid.z", "laneid", "warpsize", "lanemask_lt"};
constexpr const char* kAtomics[] = {"add",  "sub", "min", "max", "and",    "or",    "xor",
                                    "exch", "cas", "inc", "dec", "nanmin", "nanmax"};

constexpr const char* kCollectives[] = {
    "shfl.idx",  "shfl.up",   "shfl.down", "shfl.xor",    "all",        "any",      "equal",   "ballot",
    "match.any", "match.all", "sync_warp", "active_mask", "sync.count", "sync.and", "sync.or", "sync.grid"};

static_assert(std::size(kSregs) == kSregCount && std::size(kAtomics) == kAtomicOpCount &&
              std::size(kCollectives) == kCollectiveOpCount);

template <class V>
using NameMap = std::unordered_map<std::string_view, V>;

}  // namespace

const OpInfo& op_info(Opcode op) { return kOps[static_cast<size_t>(op)]; }

bool find_op(std::string_view mnemonic, Opcode& out) {
  static const auto* map = [] {
    auto* m = new NameMap<Opcode>;
    for (size_t i = 0; i < std::size(kOps); ++i) m->emplace(kOps[i].mnemonic, static_cast<Opcode>(i));
    return m;
  }();
  auto found = map->find(mnemonic);
  if (found == map->end()) return false;
  out = found->second;
  return true;
}

const MathInfo& math_info(MathFn fn) { return kMath[static_cast<size_t>(fn)]; }

bool find_math(std::string_view name, MathFn& out) {
  static const auto* map = [] {
    auto* m = new NameMap<MathFn>;
    for (size_t i = 0; i < std::size(kMath); ++i) m->emplace(kMath[i].name, static_cast<MathFn>(i));
    return m;
  }();
  auto found = map->find(name);
  if (found == map->end()) return false;
  out = found->second;
  return true;
}

const char* sreg_name(Sreg s) { return kSregs[static_cast<size_t>(s)]; }

bool find_sreg(std::string_view name, Sreg& out) {
  for (size_t i = 0; i < std::size(kSregs); ++i)
    if (name == kSregs[i]) return out = static_cast<Sreg>(i), true;
  return false;
}

const char* atomic_name(AtomicOp op) { return kAtomics[static_cast<size_t>(op)]; }

bool find_atomic(std::string_view name, AtomicOp& out) {
  for (size_t i = 0; i < std::size(kAtomics); ++i)
    if (name == kAtomics[i]) return out = static_cast<AtomicOp>(i), true;
  return false;
}

const char* collective_name(CollectiveOp op) { return kCollectives[static_cast<size_t>(op)]; }

bool find_collective(std::string_view name, CollectiveOp& out) {
  for (size_t i = 0; i < std::size(kCollectives); ++i)
    if (name == kCollectives[i]) return out = static_cast<CollectiveOp>(i), true;
  return false;
}

const char* reduce_name(ReduceOp op) {
  constexpr const char* kNames[kReduceOpCount] = {"add", "mul", "min",     "max",    "and",
                                                  "or",  "xor", "minimum", "maximum"};
  return kNames[static_cast<size_t>(op)];
}

int64_t wrap_int(TypeRef type, int64_t v) {
  if (type->is_bool()) return v != 0;
  if (type->bits == 64) return v;
  int unused = 64 - type->bits;
  uint64_t high = static_cast<uint64_t>(v) << unused;
  return type->is_signed ? static_cast<int64_t>(high) >> unused : static_cast<int64_t>(high >> unused);
}

Function* Module::new_function(std::string symbol) {
  Function* f = &function_arena_.emplace_back();
  f->symbol = std::move(symbol);
  f->name = f->symbol;
  f->ret = none_type();
  f->module = this;
  f->body = new_region(nullptr);
  functions.push_back(f);
  return f;
}

Region* Module::new_region(Op* parent) {
  Region* r = &region_arena_.emplace_back();
  r->parent = parent;
  return r;
}

Op* Module::new_op(Opcode code) {
  Op* op = &op_arena_.emplace_back();
  op->code = code;
  return op;
}

Value* Module::new_value(Function* f, TypeRef type) {
  Value* v = &value_arena_.emplace_back();
  v->type = type;
  v->id = f->next_value++;
  return v;
}

Variable* Module::new_variable(Function* f, std::string name, TypeRef type, Span span) {
  Variable* v = &variable_arena_.emplace_back();
  v->name = std::move(name);
  v->type = type;
  v->span = span;
  v->id = static_cast<uint32_t>(f->variables.size());
  f->variables.push_back(v);
  return v;
}

Value* Module::add_param(Function* f, std::string name, TypeRef type) {
  Value* v = new_value(f, type);
  f->params.push_back(v);
  f->param_names.push_back(std::move(name));
  return v;
}

Function* Module::find(std::string_view symbol) const {
  for (Function* f : functions)
    if (f->symbol == symbol) return f;
  return nullptr;
}

}  // namespace cantil::ir
