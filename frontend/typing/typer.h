// Types one instance: an abstract run of the function's tree over types, which builds the typed tree as it
// goes.
//
// The state is an Env that flows through the statements. Branches join; a loop is typed again and again with
// the join of its entry and its back edges until nothing changes, and only the last round's tree is kept. A
// local is one variable per type it takes; joins put Convert statements where a path comes in with another
// type. Conditions that are known from types alone (literals, `x is None`, isinstance) choose their branch
// here, and the other one is not typed.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "frontend/scope/scope.h"
#include "frontend/typing/env.h"
#include "frontend/typing/program.h"
#include "frontend/typing/typed.h"
#include "support/diagnostics.h"

namespace cantil::frontend {

struct Implementation;
struct ObjectBlock;
struct Ufunc;
struct UfuncLoop;

using syntax::Node;
using syntax::NodeKind;
using syntax::Operator;

// A type as messages show it: literals as the types that their values have.
std::string shown_type(ir::TypeRef t);

// Arguments of a call as written.
struct CallArgs {
  std::vector<Expr*> positional;
  std::vector<std::pair<std::string, Expr*>> keywords;
  Span span;
  uint32_t node = 0;  // of the call in the syntax tree
  size_t count() const { return positional.size() + keywords.size(); }
};

// What a call does with literals among its arguments: passes values, keeps them as what they are, or passes
// values but throws WantsLiteral where the function wants a literal after all.
enum class Literals : uint8_t { Drop, Keep, Report };
struct WantsLiteral {};

// numpy.polynomial.Polynomial as compiled code has it: a named tuple of coefficients, domain and window.
bool is_polynomial(ir::TypeRef t);

// Whether math.def has a function of this name ("math.sin", "numpy.arctan2"), for whatever types.
bool is_math_name(const std::string& name);

class Typer {
 public:
  Typer(Program& program, Instance& instance);
  void run();

  // -- names.cpp: reading names and captured values
  Expr* name(const Node* n);
  Expr* captured(const Captured& c, const Span& span);
  Expr* local_value(uint32_t local, const std::string& name, const Span& span);
  Expr* raw_value(uint32_t local, const std::string& name, const Span& span);
  // The captured value behind a dotted chain that starts at a free name, or null.
  const Captured* find_captured(const Node* n);

  // -- make.cpp: building expressions
  Expr* make(ExprKind kind, ir::TypeRef type, const Span& span);
  Expr* make_static(ir::TypeRef type, const Span& span) { return make(ExprKind::Static, type, span); }
  Expr* make_int(int64_t v, const Span& span) { return make_static(ir::literal_int(v), span); }
  Expr* make_const(ir::TypeRef type, int64_t v, const Span& span);
  Expr* make_float(ir::TypeRef type, double v, const Span& span);
  Expr* make_none(const Span& span) { return make(ExprKind::Const, ir::none_type(), span); }
  Expr* make_op(ir::Opcode op, ir::TypeRef type, std::vector<Expr*> args, const Span& span, int64_t imm = 0);
  Expr* make_temp(Expr* e);
  Expr* evaluate_now(Expr* e);
  // An operand that may not be evaluated: `and`, `or`, `if … else`. It cannot assign.
  Expr* arm(const Node* n);
  Expr* make_cond(Expr* cond, Expr* a, Expr* b, ir::TypeRef type, const Span& span);
  Expr* make_tuple(std::vector<Expr*> elems, const Span& span);
  Expr* tuple_item(Expr* tuple, size_t i, const Span& span);
  Expr* array_dim(Expr* array, int axis, const Span& span);
  Expr* to_i64(Expr* e) { return convert(e, ir::i64(), e->span); }
  Stmt* make_stmt(StmtKind kind, const Span& span);
  Stmt* make_raise(std::string cls, std::string message, const Span& span);
  // `e` as a value of type `to`, or an error at `span`. An explicit cast also narrows complex to real parts'
  // types etc.
  Expr* convert(Expr* e, ir::TypeRef to, const Span& span);
  Expr* try_convert(Expr* e, ir::TypeRef to, const Span& span);
  Expr* cast_number(Expr* e, ir::TypeRef to, const Span& span);
  Expr* materialise(Expr* e);  // a literal as a constant, others as they are
  Expr* truth(Expr* e, const Span& span);
  // Guards: `value`, evaluated after raising `cls(message)` if `bad` holds.
  Expr* guarded(Expr* bad, const char* cls, const char* message, Expr* value, const Span& span);
  std::optional<int64_t> literal(Expr* e) const;
  // An optional's payload, with a TypeError at run time when it is None.
  Expr* unwrap(Expr* e, const Span& span);

  // -- texts.cpp
  Expr* text_value(Expr* literal);  // a literal str as a value; others as they are
  Expr* bytes_value(const std::string& bytes, const Span& span);
  // An argument as a parameter that wants no literal has it; a kernel's literal str stays one.
  Expr* plain_argument(Expr* e, const Span& span);
  Expr* text_length(Expr* e, const Span& span);
  Expr* fold_texts(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* joined_text(const Node* n);
  Expr* join_pieces(const std::vector<Expr*>& pieces, const Span& span);
  Expr* print_text(CallArgs& args);
  // text_formats.cpp
  Expr* format_call(Expr* format, CallArgs& args);
  Expr* percent_format(Expr* format, Expr* value, const Span& span);
  Expr* formatted(Expr* x, int conversion, Expr* spec, const Span& span);

  // -- expressions.cpp
  Expr* expression(const Node* n);
  std::vector<Expr*> expressions(const std::vector<Node*>& ns);

  // -- operators.cpp, numbers.cpp, compare.cpp
  Expr* binary(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* unary(Operator op, Expr* a, const Span& span);
  Expr* compare(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* number_binary(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* number_compare(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* fold_literals(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* logical_not(Expr* e, const Span& span);

  // -- attributes.cpp, subscripts.cpp
  Expr* attribute(const Node* n);
  Expr* attribute_of(Expr* base, const std::string& attr, const Span& span);
  Expr* named_attribute(const std::string& function, CallArgs& args);  // getattr(), hasattr()
  Expr* subscript(Expr* base, const Node* index, const Span& span);
  Expr* subscript_value(Expr* base, Expr* index, const Span& span);
  void store_subscript(Expr* base, Expr* index, Expr* value, const Span& span);
  Expr* index_expression(const Node* n);  // slices become Slice values
  Expr* element(Expr* array, std::vector<Expr*> indices, const Span& span);

  // -- array_calls.cpp: views for the library; an index with arrays in it as a basic view whose first axes
  // the index arrays
  // (`places`, a tuple) take, and where the new axes go. False when `indices` hold no index array or
  // something else.
  struct Advanced {
    Expr* view = nullptr;
    Expr* places = nullptr;
    Expr* position = nullptr;
  };
  Expr* array_library_call(const std::string& name, CallArgs& args);
  bool split_advanced(Expr* base, const std::vector<Expr*>& indices, Advanced& out, const Span& span);

  // -- calls.cpp
  Expr* call(const Node* n);
  Expr* call_value(Expr* callee, CallArgs args);
  Expr* call_user(Function& f, CallArgs args, Literals literals = Literals::Drop);
  Expr* call_user_ufunc(Function& f, CallArgs args);    // user_ufuncs.cpp
  Expr* call_user_gufunc(Function& f, CallArgs args);   // user_gufuncs.cpp
  Expr* call_user_stencil(Function& f, CallArgs args);  // user_stencils.cpp
  Expr* call_builtin(const std::string& name, CallArgs args);
  // A library function's overload for these arguments; null when none takes them.
  Expr* call_library(const std::string& name, const CallArgs& args);
  Expr* call_overload(const std::string& name, const CallArgs& args, bool make_arrays);
  Expr* list_as_tuple(const Node* n);
  Expr* call_library_or_fail(const std::string& name, const CallArgs& args, const std::string& shown);
  Expr* call_instance(Function& f, const std::vector<Expr*>& bound, const Span& span);
  // Puts arguments into the parameters' order, defaults filled in. False (with `why`) when they do not fit.
  bool bind(Function& f, const CallArgs& args, std::vector<Expr*>& out, std::optional<Diagnostic>& why);

  // -- closures.cpp: functions defined inside others, lambdas
  // `made`: the tree of a definition that the compiler made.
  Function& nested_function(const Node* definition, std::shared_ptr<syntax::Tree> made = nullptr);
  // The function as a value here: its type alone, or with the values of the variables that it uses.
  Expr* function_value(Function& f, const Span& span);
  void function_definition(const Node* n);
  std::vector<std::string> uses_of(const Node* definition, std::vector<const Node*>& called);
  const Node* only_definition(const std::string& name);
  int variable_for(const Function& f, const std::string& name);
  void define_defaults(const Node* definition);
  Expr* call_closure(Expr* closure, CallArgs args);

  // -- classes.cpp: instances of users' classes. Null where the class has nothing of the name.
  Expr* new_instance(ir::TypeRef instance, CallArgs args);
  Expr* class_attribute(Expr* base, const std::string& attr, const Span& span);
  Expr* class_member(ir::TypeRef instance, const std::string& attr, const Span& span);
  Expr* class_method(Expr* receiver, const std::string& name, CallArgs args);
  Expr* call_special(Expr* self, const char* method, std::vector<Expr*> args, const Span& span);
  Expr* class_binary(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* class_inplace(Operator op, Expr* old, Expr* value, const Span& span);
  Expr* class_unary(Operator op, Expr* a, const Span& span);
  Expr* class_compare(Operator op, Expr* a, Expr* b, const Span& span);
  Expr* class_truth(Expr* e, const Span& span);
  Expr* class_builtin(const std::string& name, const CallArgs& args);
  void class_store(Expr* base, const std::string& attr, Expr* value, const Span& span);
  void class_augmented(const Node* n);

  // -- extensions.cpp: users' overloads (null when none takes the arguments), and literally()
  Expr* call_extension(const std::string& key, const CallArgs& args);
  Expr* call_llvm(const Implementation& f, const CallArgs& args);
  Expr* literally(CallArgs& args);
  std::optional<size_t> parameter_read(const Expr* e) const;
  void require_literal(const Expr* e, const std::string& what, const Span& span) const;
  // -- generators.cpp
  Expr* yield_expression(const Node* n);
  Expr* yield_from(const Node* n);
  Expr* generator_expression(const Node* n);
  Expr* resume(Expr* generator, const Span& span);
  Expr* next_call(CallArgs& args);

  // -- function_values.cpp: one of several functions, chosen when it runs
  Expr* call_choice(Expr* choice, CallArgs args);
  Expr* to_choice(Expr* e, ir::TypeRef to, const Span& span);
  Expr* chosen(Expr* choice, size_t i, const Span& span);  // its i-th function, if it is that

  // -- static_containers.cpp: lists of mixed types and dicts of names, whose every item has its type
  Expr* static_list(std::vector<Expr*> items, const Span& span);
  Expr* static_dict(const std::vector<std::string>& names, std::vector<Expr*> values, const Span& span);
  std::optional<std::vector<Expr*>> static_items(Expr* e, const std::string& what, const Span& span);
  Expr* static_method(Expr* receiver, const std::string& method, CallArgs& args);

  // -- named_tuples.cpp
  Expr* make_named_tuple(const Captured& cls, const CallArgs& args);

  // -- builtins.cpp, conversions.cpp, cuda.cpp: functions known to the compiler; null when `name` is none of
  // them
  Expr* builtin_call(const std::string& name, CallArgs& args);
  Expr* construct(ir::TypeRef type_object, CallArgs& args);  // float(x), np.float32(x)
  Expr* math_call(const std::string& name, CallArgs& args);
  Expr* cuda_call(const std::string& name, CallArgs& args);
  Expr* cuda_value(const std::string& name, const Span& span);
  Expr* library_call(const std::string& name, CallArgs& args);  // "cantil.library.…", only for stdlib/

  // -- elementwise.cpp, reductions.cpp: whole arrays. A ScalarBody makes the element out of the operands'
  // elements.
  using ScalarBody = std::function<Expr*(const std::vector<Expr*>&)>;
  bool is_elementwise(
      const std::vector<Expr*>& operands) const;  // numbers and arrays of numbers, at least one array
  Expr* make_map(std::vector<Expr*> operands, const ScalarBody& body, const Span& span);
  Expr* make_map_into(Expr* target, std::vector<Expr*> operands, const ScalarBody& body, const Span& span);
  // A tuple of the result and the number of elements.
  Expr* make_reduce(ir::ReduceOp op, Expr* start, std::vector<Expr*> operands, const ScalarBody& body,
                    const Span& span);
  Expr* array_operator(const char* ufunc, std::vector<Expr*> operands, const Span& span);
  bool inplace_operator(const char* ufunc, Expr* target, Expr* value, const Span& span);
  bool assign_view(Expr* view, Expr* value, const Span& span);
  Expr* where_call(CallArgs& args);
  Expr* elementwise_call(CallArgs& args);
  Expr* reduction_call(const std::string& name, CallArgs& args);

  // -- ufunc_calls.cpp: ufuncs with their keywords, and their methods (np.add.reduce)
  Expr* ufunc_call(const std::string& name, CallArgs& args);
  Expr* ufunc_method(const std::string& name, CallArgs& args);

  // -- numpy_calls.cpp, einsum.cpp, index_tricks.cpp, array_iterators.cpp: functions of NumPy whose result
  // types follow from more than their arguments' types; null when `name` is none of them
  Expr* numpy_call(const std::string& name, CallArgs& args);
  Expr* dtype_value(Expr* e) const;  // of a dtype, its name as text or an array's; null for anything else
  Expr* dtype_attribute(ir::TypeRef dtype, const std::string& attr, const Span& span);
  Expr* as_array(Expr* e, const Span& span);  // lists, tuples and ranges of numbers; null for anything else
  Expr* einsum_call(CallArgs& args);
  Expr* index_trick(const std::string& name, const Node* index, const Span& span);  // np.r_[…], np.mgrid[…]
  Expr* make_slice(const std::vector<Expr*>& start_stop_step, const Span& span);    // null parts are absent
  Expr* array_iterator_call(const std::string& name, CallArgs& args);
  Expr* make_array_iterator(const char* kind, std::vector<Expr*> parts, const Span& span);
  bool store_flat(Expr* flat, Expr* index, Expr* value, const Span& span);  // a.flat[index] = value

  // -- containers.cpp, comprehensions.cpp. An empty container's type is Unknown with the number of its syntax
  // node as `value`, until a use tells what it holds: then typing begins anew.
  Expr* list_literal(const Node* n);
  Expr* display(const Node* n, const char* cls);  // displays.cpp
  bool unpacks(const std::vector<Node*>& items);
  ir::TypeRef type_ahead(const Node* n);
  Expr* dict_literal(const Node* n);
  Expr* literal_keys(const Node* n);
  Expr* set_literal(const Node* n);
  Expr* comprehension(const Node* n);  // of a list, set or dict, or a generator expression
  // All that `n`, an iterable as an argument, gives, as a list; null when it is to be passed as it is.
  Expr* collected(const Node* n);
  Expr* empty_container(const char* cls, uint32_t node, const Span& span);
  Expr* container_library_call(const std::string& name, CallArgs& args);
  Expr* container_method(Expr* receiver, const std::string& method, CallArgs& args);
  Expr* field_pointer(Expr* object, const char* field, const Span& span);
  Expr* load_field(Expr* object, const char* field, const Span& span);
  Expr* load_pointer(Expr* pointer, const Span& span);
  Expr* store_pointer(Expr* pointer, Expr* value, const Span& span);
  Expr* new_list(ir::TypeRef elem, Expr* capacity, const Span& span);
  Expr* new_container(ir::TypeRef type, const Span& span);
  [[noreturn]] void learn(ir::TypeRef undecided, ir::TypeRef type);
  bool is_undecided(ir::TypeRef t) const { return t->is(ir::TypeKind::Unknown) && t->value != 0; }
  // Where an empty container meets one whose type is known, it is of that type.
  void meet(Expr* a, Expr* b);

  // -- statements.cpp, loops.cpp, raises.cpp
  void block(const std::vector<Node*>& body);
  void statement(const Node* n);
  void assign(const Node* target, Expr* value, const Span& span);
  void assign_local(uint32_t local, Expr* value, const Span& span);
  void assign_raw(uint32_t local, Expr* value, const Span& span);

  // -- cells.cpp: variables that nested functions assign
  void find_cells();
  Expr* cell_of(uint32_t local, const std::string& name, const Span& span);
  Expr* cell_value(uint32_t local, const std::string& name, const Span& span);
  void assign_cell(uint32_t local, Expr* value, const Span& span);

  bool store_field(Expr* base, const std::string& field, Expr* value, const Span& span);
  // `value` as the type that jit(locals=…) wants for a variable.
  Expr* as_declared(uint32_t local, Expr* value, const Span& span);
  void unpack(const Node* target, Expr* value, const Span& span);
  void if_statement(const Node* n);
  void for_statement(const Node* n);
  void while_statement(const Node* n);
  void raise_statement(const Node* n);
  void assert_statement(const Node* n);
  void return_statement(const Node* n);

  // -- recovery.cpp: typing goes on behind a statement with a mistake. False: it cannot.
  struct Place {
    Block* out;
    size_t loops, protecteds, handlers, finals, packing;
    int depth;
  };
  Place place() const;
  bool recover(const Node* statement, const Place& at, CompileError& error);
  static bool is_only_read(const Node* statement, const std::string& name);
  // -- matches.cpp, withs.cpp
  void match_statement(const Node* n);
  void match_cases(const Node* n, size_t nth, Expr* subject);
  bool is_instance(ir::TypeRef t, Expr* cls, const Span& span);  // builtins.cpp
  void with_statement(const Node* n);
  void object_block(const Node* n);
  void unknown_outputs(const ObjectBlock& block, const Span& span);
  ir::TypeRef written_type(const Node* n);

  // -- tries.cpp
  void try_statement(const Node* n);
  void except_statement(const Node* n);
  void finally_statement(const Node* n);
  bool raise_again(const Node* n);  // false: an ordinary raise
  void return_value(uint32_t node, Expr* value, const Span& span, const Span& value_span);
  void leave_loop(bool is_break, const Span& span);
  void leave_to_finally(int64_t way, const Span& span);
  // To be called wherever a local gets a new value.
  void keep_for_handlers(uint32_t local, const Span& span);

  Program& program() { return program_; }
  const Function& function() const { return fn_; }
  bool on_cuda() const { return program_.target() != CodeTarget::Cpu; }
  bool on_simulator() const { return program_.target() == CodeTarget::Sim; }
  bool numpy_errors() const { return options_.numpy_errors || on_cuda(); }
  void emit(Stmt* s) { out_->push_back(s); }
  uint32_t hidden_local(const Node* n, const char* tag);
  std::string type_name(Expr* e) const { return shown_type(e->type); }
  // Adds notes on where the types of the names under the caret came from.
  void explain(Diagnostic& d) const;

 private:
  Elementwise* make_elementwise(const std::vector<Expr*>& operands, const ScalarBody& body, const Span& span);
  Expr* apply_body(Function& f, const std::vector<Expr*>& args, const Span& span);
  Expr* apply_loop(const UfuncLoop& loop, const std::vector<Expr*>& operands, const Span& span);
  const UfuncLoop* choose_loop(const Ufunc& u, const std::vector<Expr*>& operands, ir::TypeRef result) const;
  std::vector<ir::TypeRef> ufunc_parts(const UfuncLoop& loop, const std::vector<Expr*>& operands,
                                       const Span& span);
  Expr* write_into(Expr* out, std::vector<Expr*> operands, const ScalarBody& body, const Span& span);
  Expr* ufunc_result(const UfuncLoop& loop, std::vector<Expr*> operands, Expr* where, const Span& span);
  struct Loop {
    Env head;       // the types at the loop's head, grown from round to round
    Env exit;       // where break goes
    Env continues;  // collected in this round
    Env breaks;
    bool parallel = false;
    std::set<uint32_t> privates;           // of a parallel loop: locals that each iteration has for itself
    std::map<uint32_t, Span> assigned_at;  // and where they get their values
    struct ArrayPart {
      Expr* array;       // of one more axis: a piece of the loop each
      const char* fold;  // the library's function that puts them into the array itself
    };
    std::map<uint32_t, ArrayPart> array_parts;  // arrays that the loop reduces
    bool once = false;                          // a written-out round: continue ends it, as break does
    uint32_t broke = 0;                         // its local for whether it was left by break
    bool breaks_off = false;                    // some break leaves it
  };
  // What a for loop runs over: a number of steps, and the item of each.
  struct Iteration {
    Expr* range[3] = {nullptr, nullptr, nullptr};  // set for a range: the index is the item
    Expr* length = nullptr;
    std::function<Expr*(Expr* index)> item;
    // Set where the number of steps is not known before: whether there is an item of this index now.
    std::function<Expr*(Expr* index)> live;
    // Of a table: whether the entry of this index is still there.
    std::function<Expr*(Expr* index)> alive;
    // filter(): whether this item is one.
    std::function<Expr*(Expr* item)> keep;
    ir::TypeRef index_type = nullptr;
    bool parallel = false;
    bool inner_prange = false;  // a prange inside of a parallel loop
    bool mixed = false;         // the items are `items`, of several types: the body is written out for each
    std::vector<Expr*> items;
    bool sequential = false;  // a generator: `live` takes the next item, whatever the index
    bool unknown = false;
    ir::TypeRef unknown_item = nullptr;  // an empty container
  };
  // Types `body` into its own list of statements from `start`, and leaves the state after it in env_.
  Block sub_block(const Env& start, const std::function<void()>& body);
  // The same for a body whose exceptions are handled; `head` grows to the state in which the handlers start.
  Block protected_block(Env& head, const Span& span, const std::function<void()>& body);
  void convert_to(const Env& target, Block& block, const Env& from, const Span& span);
  void narrow(const Node* test, bool value);
  std::optional<std::pair<uint32_t, bool>> none_test(const Node* test) const;
  Iteration iteration(const Node* n);
  Iteration iteration_of_value(Expr* e, const Span& span);
  Iteration text_iteration(Expr* e, const Span& span);
  Iteration array_iteration(Expr* iterator, const Span& span);  // array_iterators.cpp
  // Runs `body` for each item, which is assigned to `target`.
  void run_loop(const Node* n, Iteration it, const Node* target, const std::function<void()>& body);
  void unrolled(const Node* n, const std::vector<Expr*>& items, const std::function<void(Expr* item)>& body);
  void unrolled_from(const Node* n, const std::vector<Expr*>& items, size_t nth, uint32_t broke,
                     const std::function<void(Expr* item)>& body);
  void run_live_loop(const Node* n, const Iteration& it, const std::function<void(Expr* item)>& body);
  void generators(const Node* n, size_t nth, const std::function<void()>& innermost);
  // A list, set or dict of all that `loops` gives (of pairs, for a dict).
  Expr* collect(const Node* n, const char* cls,
                const std::function<void(const std::function<void(Expr*)>& give)>& loops);
  // d.items(), d.keys() and d.values(); and whether `n` is such a call.
  std::optional<Iteration> dict_view(const Node* n);
  Iteration table_iteration(Expr* table, const std::string& what, const Span& span);
  Expr* entry(Expr* table, const char* field, Expr* index, const Span& span);
  Expr* collect_iteration(const Node* n);
  Stmt* skip_unless(Expr* cond, const Span& span);
  Iteration side_by_side(std::vector<Iteration>& parts, const Span& span, bool strict = false);
  bool mixed_beside(std::vector<Iteration>& parts, const Span& span);
  Iteration generator_iteration(Expr* generator, const Span& span);
  // What the iterables of zip() and map() give, a starred tuple's items among them.
  std::vector<Iteration> iterations(const std::vector<Node*>& nodes, size_t from);
  Iteration range_iteration(std::vector<Expr*> args, const Span& span);
  // One round of a loop's bookkeeping around `body`, which types one iteration from the state at the head;
  // repeats until the types stand. `make` builds the statement from the round's body and else parts.
  void fixpoint(const Node* n, Loop& loop, const std::function<Stmt*()>& round_head,
                const std::function<void(Stmt*)>& body, bool endless);
  void find_reductions(const Node* n, Stmt* s, Loop& loop, const Env& before);
  void make_array_parts(const Node* n, Loop& loop, const Iteration& it);
  void take_array_part(uint32_t local, Loop& loop, const Span& span);
  void fold_array_parts(const Loop& loop, const Span& span);
  void refuse_array_dependences(const Node* n);
  void finish_returns();
  void finish_yields();

  Program& program_;
  Instance& inst_;
  const Function& fn_;
  FunctionOptions options_;
  Scope scope_;
  Env env_;
  Block* out_ = nullptr;
  // Where in the program a node stands: which copy of the loops around it that are written out (unrolled()).
  uint64_t place_of(uint32_t node) const { return node | copy_ << 32; }
  uint64_t place(const Node* n) const { return place_of(n->id); }
  uint64_t copy_ = 0;
  std::map<std::tuple<uint64_t, uint32_t, size_t>, uint64_t> copies_;  // by the copy around, loop and round
  std::map<uint64_t, Loop> loops_;  // by place, as those below; kept between rounds of outer loops
  std::vector<Loop*> loop_stack_;
  std::map<std::pair<uint32_t, std::string>, uint32_t> hidden_;
  struct HandlerPlace {
    Stmt* stmt;
    int name;  // the local behind `as`, or -1
  };
  struct Finally {
    Stmt* stmt = nullptr;
    Env* entry = nullptr;  // the state in which the final part starts
    size_t loops = 0;      // loops around it
    uint32_t way = 0, result = 0;
    bool returns = false, breaks = false, continues = false;
  };
  std::vector<Env*> protected_;  // of each body we are in: the state of its handlers
  std::vector<HandlerPlace> handlers_;
  std::vector<Finally*> finally_;
  std::map<uint64_t, Env> handler_states_, final_heads_, final_states_;
  std::set<uint32_t> cells_;
  std::map<uint32_t, ir::TypeRef> cell_types_;
  std::vector<const Function*> packing_;  // functions whose environment is being read
  struct Retype {};                       // thrown by learn()
  void reset();
  void run_once();
  std::map<int64_t, ir::TypeRef> learned_;  // types of containers, by Unknown's value
  std::map<int64_t, ir::TypeRef> holds_;    // an empty container that another one was put into
  std::map<int64_t, Span> undecided_;       // empty containers seen whose type is not known
  std::map<uint32_t, int64_t> literal_of_;  // locals that were assigned a list literal: its node
  struct ReturnPlace {
    Stmt* stmt;
    Span span;
  };
  std::map<uint64_t, ReturnPlace> returns_;
  std::map<uint64_t, ReturnPlace> yields_;
  bool falls_off_ = false;
  std::vector<Diagnostic> errors_;  // of statements that typing went on behind
  std::vector<Expr*>
      substitutes_;  // what the parameters stand for where the body is typed inside its caller's
  int depth_ = 0;    // of nested expressions
};

// The ufunc that an operator on arrays is ("numpy.add"); null for those that are none.
const char* operator_ufunc(Operator op, bool unary);

// "int64 and float64" for messages.
std::string type_list(const std::vector<Expr*>& es);

}  // namespace cantil::frontend
