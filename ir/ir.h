// The IR: structured functions of ops with nested regions and typed variables. Not SSA: LLVM's mem2reg makes
// that.
//
// An op's result (a Value) is defined once and used by later ops of the same region or of regions nested in
// it; everything that changes lives in Variables. See ops.def for each op, verifier.h for the invariants,
// text.h for the textual form. All nodes live in their Module's arena.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/type.h"
#include "support/span.h"

namespace cantil::ir {

constexpr int kVariadic = -1;

enum class Opcode : uint8_t {
#define OP(name, mnemonic, operands, result, attr, regions, effects) name,
#include "ir/ops.def"
#undef OP
};

enum class ResultRule : uint8_t { None, Same, Bool, Explicit };
enum class AttrKind : uint8_t {
  None,
  Int,
  Const,
  Var,
  Func,
  Site,
  Type,
  Math,
  Sreg,
  Atomic,
  Collective,
  Str,
  Flags
};
enum class Effects : uint8_t { Pure, Read, Write, Raise, Control };

struct OpInfo {
  const char* mnemonic;
  int operands;
  ResultRule result;
  AttrKind attr;
  int regions;
  Effects effects;
};

const OpInfo& op_info(Opcode op);
// By mnemonic; false when there is none.
bool find_op(std::string_view mnemonic, Opcode& out);

// map, map.into and reduce.
inline bool is_elementwise(Opcode c) {
  return c == Opcode::Map || c == Opcode::MapInto || c == Opcode::Reduce;
}
// The first operand that an element-wise op's region has an argument for.
inline size_t first_mapped(Opcode c) { return c == Opcode::MapInto ? 1 : 0; }

struct Op;
// The result type that follows from an op's operands and attribute, null where only the op itself can say
// (constants, casts, pointers to new storage). The printer leaves it out, the parser fills it in, the
// verifier demands it.
TypeRef implied_type(const Op& op);

enum class MathFn : uint8_t {
#define MATH(name, text, arity, d, f, nvd, nvf, sleef, kind) name,
#include "ir/math.def"
#undef MATH
};
enum class MathKind : uint8_t { F, P, I };
struct MathInfo {
  const char* name;
  int arity;
  const char *libm64, *libm32, *nv64, *nv32, *sleef;
  MathKind kind;
};
const MathInfo& math_info(MathFn fn);
// By the name of math.def; false when there is none.
bool find_math(std::string_view name, MathFn& out);

enum class Sreg : uint8_t {
  TidX,
  TidY,
  TidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NtidX,
  NtidY,
  NtidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpSize,
  LaneMaskLt
};
constexpr int kSregCount = 15;
const char* sreg_name(Sreg s);  // "tid.x", "ctaid.y", …
bool find_sreg(std::string_view name, Sreg& out);

enum class AtomicOp : uint8_t { Add, Sub, Min, Max, And, Or, Xor, Exch, Cas, Inc, Dec, NanMin, NanMax };
constexpr int kAtomicOpCount = 13;
const char* atomic_name(AtomicOp op);
bool find_atomic(std::string_view name, AtomicOp& out);

// What threads do together. Operands and result:
//   shuffles             mask, value (int32 or int64), lane or distance (int32) -> the value of another lane
//   of the
//                        mask, the thread's own where that lane does not exist
//   all, any, equal      mask, bool -> bool
//   ballot               mask, bool -> int32
//   match.any, match.all mask, value (int32 or int64) -> int32: the lanes of the mask with this value; all of
//   the
//                        mask or none
//   sync_warp            mask
//   active_mask          -> int32: the lanes that are here together
//   sync.count/and/or    bool -> int32: a barrier of the block that counts, or combines
//   sync.grid            a barrier of the whole grid
enum class CollectiveOp : uint8_t {
  ShflIdx,
  ShflUp,
  ShflDown,
  ShflXor,
  All,
  Any,
  Equal,
  Ballot,
  MatchAny,
  MatchAll,
  SyncWarp,
  ActiveMask,
  SyncCount,
  SyncAnd,
  SyncOr,
  SyncGrid
};
constexpr int kCollectiveOpCount = 16;
const char* collective_name(CollectiveOp op);
bool find_collective(std::string_view name, CollectiveOp& out);
// Those of a whole block or grid.
inline bool is_barrier(CollectiveOp op) { return op >= CollectiveOp::SyncCount; }

// A scalar literal. `i` holds bools (0, 1) and integers (sign- or zero-extended from their width; uint64 as
// its bits), `f`/`im` floats and complex numbers.
struct ConstValue {
  int64_t i = 0;
  double f = 0;
  double im = 0;
};

// `v` reduced to the width of a bool or integer type, in ConstValue's form.
int64_t wrap_int(TypeRef type, int64_t v);

struct Op;
struct Function;
struct Module;

struct Value {
  TypeRef type = nullptr;
  Op* def = nullptr;  // null for a function's parameter or a region's argument
  uint32_t id = 0;    // dense within the function
};

// A variable of a counted type (layout.h) owns what it holds; who retains and releases when:
// passes/ownership.cpp.
struct Variable {
  std::string name;  // the user's name, or one starting with '.' for the compiler's own
  TypeRef type = nullptr;
  Span span;
  uint32_t id = 0;
};

struct Region {
  std::vector<Op*> ops;
  std::vector<Value*> args;
  Op* parent = nullptr;  // null for a function's body
};

// Minimum and Maximum give NaN when either side is one.
enum class ReduceOp : uint8_t { Add, Mul, Min, Max, And, Or, Xor, Minimum, Maximum };
constexpr int kReduceOpCount = 9;
const char* reduce_name(ReduceOp op);  // "add", "mul", …
struct Reduction {
  Variable* var;
  ReduceOp op;
};

// The flags of `for`.
constexpr int64_t kForIndependent = 1, kForPlain = 2, kForScalar = 4;
// The flags of `load` and `store`.
constexpr int64_t kUnalignedAccess = 1, kVolatileAccess = 2, kCountedAccess = 4;
// The flag of `add`.
constexpr int64_t kAddAnyOrder = 1;

struct Op {
  Opcode code;
  Span span;
  Value* result = nullptr;
  std::vector<Value*> operands;
  std::vector<Region*> regions;
  Region* parent = nullptr;
  // The attribute, by op_info().attr
  int64_t imm = 0;  // Int, Flags, Site, and the enums Math, Sreg, Atomic, Collective
  ConstValue constant;
  Variable* var = nullptr;
  Function* func = nullptr;
  TypeRef type = nullptr;
  std::string str;
  std::vector<Reduction> reductions;  // parallel_for; reduce has one
  uint32_t number = 0;                // for a pass's own numbering; means nothing between passes

  MathFn math() const { return static_cast<MathFn>(imm); }
  Sreg sreg() const { return static_cast<Sreg>(imm); }
  AtomicOp atomic() const { return static_cast<AtomicOp>(imm); }
  CollectiveOp collective() const { return static_cast<CollectiveOp>(imm); }
};

// One argument of an exception: a constant, or the next run-time operand of the raise op.
struct RaiseArg {
  // Join, in the first place only: the arguments behind it make up one text.
  enum Kind : uint8_t { Int, Float, Bool, Str, None, Runtime, Join } kind = None;
  int64_t i = 0;
  double f = 0;
  std::string s;
  TypeRef type = nullptr;  // Runtime: the operand's type
};

// A place where the program can raise. `cls` is "module.qualname"; `class_ref` indexes the captured objects
// for a class that cannot be imported by name (-1 otherwise).
struct RaiseSite {
  std::string cls;
  int64_t class_ref = -1;
  std::vector<RaiseArg> args;
  Span span;
  std::string function;
};

enum class FunctionKind : uint8_t { Host, Device, Kernel };
enum class Inline : uint8_t { Auto, Always, Never };

// LLVM's fast-math flags as a bit set; All is fastmath=True.
enum FastMath : uint8_t {
  kNnan = 1,
  kNinf = 2,
  kNsz = 4,
  kArcp = 8,
  kContract = 16,
  kAfn = 32,
  kReassoc = 64,
  kFastAll = 127
};

struct Function {
  std::string
      symbol;        // unique in the module: "name[int64,float64]"-like text; codegen makes it a legal symbol
  std::string name;  // the user's qualified name
  FunctionKind kind = FunctionKind::Host;
  Inline inlining = Inline::Auto;
  uint8_t fastmath = 0;
  bool parallel = false;    // element-wise ops run on the thread pool
  bool is_library = false;  // a body of stdlib/: its frames are hidden from tracebacks
  Span span;
  std::vector<Value*> params;
  std::vector<std::string> param_names;
  TypeRef ret = nullptr;  // none_type() when it returns nothing
  std::vector<Variable*> variables;
  Region* body = nullptr;
  uint32_t next_value = 0;
  bool may_raise = true;  // made exact by the may_raise pass
  Module* module = nullptr;
  // Launch attributes of a kernel (0: not given)
  int max_threads = 0, min_blocks = 0, max_registers = 0;
};

// Captured array contents and other constant bytes.
struct ConstBlob {
  std::string bytes;
  size_t align = 16;
};

// What became of parallel code, for parallel_diagnostics.
struct ParallelNote {
  enum Kind : uint8_t {
    Loop,     // runs on the thread pool: a prange, or what `what` names
    Nested,   // a prange inside another: an ordinary loop
    Fused,    // computed where its result is used, at `into`
    Hoisted,  // memory for a whole array, made once before the loop
  } kind = Loop;
  Span span, into;
  std::string what;
};

struct Module {
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  std::vector<Function*> functions;  // functions[0] is the entry
  std::vector<RaiseSite> sites;
  std::vector<ConstBlob> data;
  std::vector<ParallelNote> notes;

  Function* new_function(std::string symbol);
  Region* new_region(Op* parent);
  Op* new_op(Opcode code);
  Value* new_value(Function* f, TypeRef type);
  Variable* new_variable(Function* f, std::string name, TypeRef type, Span span = {});
  Value* add_param(Function* f, std::string name, TypeRef type);
  Function* find(std::string_view symbol) const;

 private:
  std::deque<Function> function_arena_;
  std::deque<Region> region_arena_;
  std::deque<Op> op_arena_;
  std::deque<Value> value_arena_;
  std::deque<Variable> variable_arena_;
};

}  // namespace cantil::ir
