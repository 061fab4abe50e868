// Calls of the user's generalised universal functions (guvectorize) from compiled code. A function is written
// that loops over the outer dimensions and calls the user's with the sub-arrays.
#include <algorithm>
#include <cctype>
#include <map>

#include "frontend/typing/tree_builder.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"

namespace cantil::frontend {

using namespace ir;

namespace {

struct Layout {
  std::vector<std::vector<std::string>> operands;  // the names of the core dimensions
  size_t inputs = 0;
};

// Reads what cantil._ufuncs has checked: "(m,n),(n)->(m)".
Layout read_layout(const std::string& text) {
  Layout l;
  std::string name;
  l.inputs = std::string::npos;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '(':
        l.operands.emplace_back();
        break;
      case ')':
        if (!name.empty()) l.operands.back().push_back(name);
        name.clear();
        break;
      case ',':
        if (!name.empty()) l.operands.back().push_back(name);
        name.clear();
        break;
      case '-':
        l.inputs = l.operands.size();
        ++i;
        break;
      default:
        name += text[i];
    }
  }
  l.inputs = std::min(l.inputs, l.operands.size());  // without an arrow there are no results
  return l;
}

std::string index_name(int axis) { return ".i" + std::to_string(axis); }
std::string length_name(int axis) { return ".n" + std::to_string(axis); }

}  // namespace

Expr* Typer::call_user_gufunc(Function& f, CallArgs args) {
  const Span span = args.span;
  ensure_captured(f);
  const Layout layout = read_layout(f.layout);
  std::vector<Expr*> bound;
  std::optional<Diagnostic> why;
  if (!bind(f, args, bound, why)) throw CompileError(*why);
  const std::vector<std::string> names = parameters(f.tree->root).positional;
  std::vector<TypeRef> elements;
  std::vector<int> loops;  // how many dimensions of each operand are looped over
  int depth = 0;
  std::string key = "gufunc " + std::to_string(f.id);
  for (size_t k = 0; k < bound.size(); ++k) {
    Expr*& e = bound[k];
    if (e->type->is(TypeKind::Unknown)) return e;
    e = unwrap(e, span);
    if (unliteral(e->type) != e->type) e = convert(e, unliteral(e->type), span);
    const bool array = e->type->is_array();
    const int ndim = array ? e->type->ndim : 0;
    const int core = static_cast<int>(layout.operands[k].size());
    if ((!array && (!e->type->is_number() || k >= layout.inputs)) || ndim < core)
      fail(Diag::NoOverload, span, {f.name + "() with the layout " + f.layout, type_list(bound)});
    elements.push_back(array ? e->type->elem() : e->type);
    loops.push_back(ndim - core);
    depth = std::max(depth, loops.back());
    key += array ? " a" + std::to_string(ndim) : " s";
  }
  // Results have all dimensions of the loop.
  for (size_t k = layout.inputs; k < bound.size(); ++k)
    if (loops[k] < depth)
      fail(Diag::NoOverload, span, {f.name + "() with the layout " + f.layout, type_list(bound)});
  if (!f.signatures.empty()) {
    auto takes = [&](const std::vector<TypeRef>& signature) {
      for (size_t k = 0; k < signature.size(); ++k) {
        TypeRef t = signature[k]->is_array() ? signature[k]->elem() : signature[k];
        if (bound[k]->type->is_array() ? t != elements[k] : !can_cast_safely({elements[k]}, {t}))
          return false;
      }
      return true;
    };
    auto at = std::find_if(f.signatures.begin(), f.signatures.end(), takes);
    if (at == f.signatures.end()) fail(Diag::NoOverload, span, {f.name + "()", type_list(bound)});
    for (size_t k = 0; k < bound.size(); ++k)
      if (!bound[k]->type->is_array()) bound[k] = cast_number(bound[k], (*at)[k], span);
  }

  Function& driver = program_.derived(key, [&] {
    std::shared_ptr<Function> plain = make_function();
    const uint64_t id = plain->id;
    *plain = f;
    plain->id = id;
    plain->calling = Calling::Plain;
    plain->signatures.clear();
    plain->signature_returns.clear();

    TreeBuilder t(f.name, names, f.tree->root->span);
    std::vector<Node*>& body = t.body();
    std::map<std::string, std::pair<size_t, int>>
        first;  // the operand and axis that a core dimension is from
    for (size_t k = 0; k < bound.size(); ++k)
      for (size_t c = 0; c < layout.operands[k].size(); ++c) {
        const std::string& name = layout.operands[k][c];
        const int axis = loops[k] + static_cast<int>(c);
        const bool fixed = std::isdigit(static_cast<unsigned char>(name[0]));
        auto [at, is_new] = first.try_emplace(name, k, axis);
        if (is_new && !fixed) continue;
        Node* expected =
            fixed ? t.number(std::stoll(name)) : t.dim(names[at->second.first], at->second.second);
        const bool result = k >= layout.inputs;
        body.push_back(
            t.when(t.compare(Operator::NotEq, t.dim(names[k], axis), expected),
                   {t.raise(".ValueError", f.name + ": " + (result ? "Output" : "Input") + " operand " +
                                               std::to_string(result ? k - layout.inputs : k) +
                                               " has a mismatch in its core dimension " + std::to_string(c) +
                                               ", with gufunc signature " + f.layout)}));
      }
    // The length of each loop is that of an operand with all dimensions: a result, where there is one.
    size_t widest = bound.size() - 1;
    while (loops[widest] < depth) --widest;
    for (int axis = 0; axis < depth; ++axis) {
      body.push_back(t.assign(t.name(length_name(axis)), t.dim(names[widest], axis)));
      for (size_t k = 0; k < bound.size(); ++k) {
        const int own = axis - (depth - loops[k]);
        if (own < 0 || k == widest) continue;
        Node* differs = t.compare(Operator::NotEq, t.dim(names[k], own), t.name(length_name(axis)));
        std::vector<Node*> refuse = {t.raise(".ValueError", "operands could not be broadcast together")};
        if (k < layout.inputs)
          refuse = {t.when(t.compare(Operator::NotEq, t.dim(names[k], own), t.number(1)), refuse)};
        body.push_back(t.when(differs, refuse));
      }
    }
    std::vector<Node*> call_args;
    for (size_t k = 0; k < bound.size(); ++k) {
      const bool result = k >= layout.inputs, single = layout.operands[k].empty();
      Node* whole = t.name(names[k]);
      if (loops[k] == 0) {
        if (single && bound[k]->type->is_array())
          whole =
              result ? t.call(t.attribute(whole, "reshape"), {t.number(1)}) : t.subscript(whole, t.tuple({}));
        call_args.push_back(whole);
        continue;
      }
      std::vector<Node*> index;
      for (int own = 0; own < loops[k]; ++own) {
        const int axis = own + depth - loops[k];
        Node* at = t.name(index_name(axis));
        if (k < layout.inputs && k != widest)
          at = t.choose(t.compare(Operator::Eq, t.dim(names[k], own), t.number(1)), t.number(0), at);
        // A place to write one element to is an array of one element.
        if (single && result && own + 1 == loops[k])
          at = t.slice(at, t.binary(Operator::Add, t.name(index_name(axis)), t.number(1)));
        index.push_back(at);
      }
      call_args.push_back(t.subscript(whole, index.size() == 1 ? index[0] : t.tuple(std::move(index))));
    }
    Node* inner = t.run(t.call(t.name(".function"), std::move(call_args)));
    for (int axis = depth; axis-- > 0;)
      inner = t.loop(index_name(axis), t.call(t.name(".range"), {t.name(length_name(axis))}), {inner});
    body.push_back(inner);

    std::shared_ptr<Function> g = make_function();
    g->name = f.name;
    g->module = f.module;
    g->filename = f.filename;
    g->tree = t.tree();
    g->options = f.options;
    g->captures = {{".function", captured_function(plain)},
                   {".range", captured_builtin("builtins.range")},
                   {".ValueError", captured_value_error()}};
    return g;
  });
  return call_instance(driver, bound, span);
}

}  // namespace cantil::frontend
