// The typed tree: what typing makes of one function for one set of argument types, and lowering turns into
// IR.
//
// Expressions form a DAG: an Expr that is used in two places is evaluated once, at its first use, which must
// dominate the others. Every Expr has the type that the program sees (`type`, maybe a literal or another
// compile-time type); its run-time representation has type `ir::unliteral(type)`, and an Expr of a
// compile-time type has none (it is never evaluated, save for literals, which materialise as constants).
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "frontend/function.h"
#include "ir/ir.h"

namespace cantil::frontend {

struct Expr;
struct Stmt;
struct Instance;

using Block = std::vector<Stmt*>;

enum class ExprKind : uint8_t {
  Static,   // a compile-time value: all there is to know is in the type
  Const,    // `constant` of a number type, or None
  Read,     // local variable `local` at type `type`
  Op,       // IR op `opcode` on `args`; attribute in `imm`/`text`
  Call,     // `callee` on `args`; of a generator, a new one
  Resume,   // the generator args[0], of `callee`: a tuple of whether there was another item, and the item
  Cond,     // args[0] ? args[1] : args[2]; only the chosen one is evaluated
  Seq,      // runs `block`, then gives args[0]
  Temp,     // args[0], kept in a hidden variable so that it may be read from regions that its value does not
            // dominate
  Map,      // a new array: `each` for the elements of args (arrays and numbers), broadcast together
  MapInto,  // args[0] (an array) receives `each` of the others' elements
  Reduce,   // args[0] folded with `each` of the others' elements by the ReduceOp `imm`; a tuple of that and
            // their count
  Param,    // a number argument of the Elementwise around it
  ConstArray,  // a captured array: `captured`
  Exception    // an exception instance that has not been raised: class in `type`, its arguments in `args`
};

// What an element-wise expression does with the elements.
struct Elementwise {
  std::vector<Expr*> params;  // Param expressions, one an operand
  Expr* body = nullptr;       // a number
};

struct Expr {
  ExprKind kind = ExprKind::Static;
  ir::Opcode opcode = ir::Opcode::Const;
  ir::TypeRef type = nullptr;
  Span span;
  int64_t imm = 0;
  uint32_t local = 0;
  ir::ConstValue constant;
  Instance* callee = nullptr;
  const Captured* captured = nullptr;
  std::string text;
  std::vector<Expr*> args;
  Block block;
  const Elementwise* each = nullptr;
};

enum class StmtKind : uint8_t {
  Eval,     // value, for its effects
  Assign,   // local <- value (value->type is the local's new type)
  Convert,  // the local's variable of type `from` is copied to that of type `to`
  If,       // value; body, orelse
  While,    // head; value (the condition, evaluated each time after `head`); body; orelse
  For,      // local runs over range(args[0], args[1], args[2]); body; orelse; `parallel`
  Return,   // value or null
  Raise,    // class `text`/`class_ref`, args
  Break,
  Continue,
  Undefine,  // del local
  Try,       // body; orelse behind it; handlers
  Finally,   // body; handlers[0] for any exception; what follows is behind it
  Reraise,   // the exception that `target`, a Try or Finally, handles
  Leave,     // to the end of `target`, a Finally
  Yield,     // value, of a generator
  Print      // args; `text` is the format (ir::Opcode::Print)
};

struct ReductionVar {
  uint32_t local;
  ir::TypeRef type;
  ir::ReduceOp op;
};

struct Handler {
  std::vector<std::string> classes;  // exception_key()s
  Block body;
};

struct Stmt {
  StmtKind kind = StmtKind::Eval;
  Span span;
  uint32_t local = 0;
  Expr* value = nullptr;
  ir::TypeRef from = nullptr, to = nullptr;
  std::vector<Expr*> args;
  Block body, orelse, head;
  std::string text;
  int64_t class_ref = -1;
  bool parallel = false, inner_prange = false;
  std::vector<ReductionVar> reductions;
  std::vector<Handler> handlers;
  bool saves = false;  // Try, Finally: some Reraise refers to it
  Stmt* target = nullptr;
};

// One function at one list of argument types.
struct Instance {
  Function* function = nullptr;
  FunctionOptions options;        // the function's own; a library body has its caller's
  std::vector<ir::TypeRef> args;  // as the body sees them (library bodies may see literals)
  ir::TypeRef ret = nullptr;      // null until known
  ir::TypeRef ret_hint = nullptr;
  std::string symbol;
  bool is_generator = false;
  ir::TypeRef yields = nullptr;  // a generator's items
  uint32_t inherited = 0;        // option bits that a library body has from its caller
  Block body;
  std::vector<std::string> locals;  // by local id; parameters first
  std::vector<bool>
      checked;  // locals that need a defined-flag, because some read may come before any assignment
  std::vector<std::vector<ir::TypeRef>> local_types;  // every type a local has had, for inspect_types
  enum State : uint8_t { Fresh, Typing, Done } state = Fresh;
  bool recursed = false;  // was called while it was being typed
  Span untyped_call;      // for messages: the first call in it whose type was not known yet, and the function
                          // called
  const Function* untyped_callee = nullptr;
};

}  // namespace cantil::frontend
