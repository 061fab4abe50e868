// Calls of stencils from compiled code.
//
// Two functions are written for a call. The kernel is the user's function with the place it is applied at as
// further parameters, which its relative indices are added to. The driver runs it over all places whose
// neighbourhood lies inside the array, and fills the border.
#include <algorithm>
#include <optional>

#include "frontend/typing/tree_builder.h"
#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

std::string index_name(int axis) { return ".i" + std::to_string(axis); }

// What is wrong with a stencil is shown where it stands: its caller may be a function of the package.
[[noreturn]] void refuse(const Function& f, const Span& at, std::vector<std::string> words) {
  throw CompileError(Diagnostic{Diag::StencilMisuse, at, std::move(words), {}, f.name});
}

// Writes the kernel, and learns on the way how far its indices reach.
class Kernel {
 public:
  Kernel(Function& f, std::vector<std::string> arrays, int ndim)
      : f_(f), arrays_(std::move(arrays)), ndim_(ndim), reach_(f.stencil.neighborhood) {
    if (reach_.empty()) {
      reach_.resize(static_cast<size_t>(ndim));
    } else if (reach_.size() != static_cast<size_t>(ndim)) {
      refuse(f_, f.tree->root->span,
             {std::to_string(reach_.size()) + " dimensional neighborhood specified for " +
                  std::to_string(ndim) + " dimensional input array",
              "give one (lowest, highest) pair for each dimension"});
    }
  }

  std::shared_ptr<Function> write() {
    const Node* root = f_.tree->root;
    std::vector<std::string> parameters = frontend::parameters(root).positional;
    for (int k = 0; k < ndim_; ++k) parameters.push_back(index_name(k));
    TreeBuilder t(f_.name, parameters, root->span);
    if (root->kind == NodeKind::Lambda) {
      t.body() = {t.give(relative(t, root->one[1]))};
    } else {
      for (const Node* s : root->list[0]) t.body().push_back(relative(t, s));
    }
    if (!indexed_)
      refuse(f_, root->span,
             {"Stencil kernel with no accesses to relatively indexed arrays.",
              "read neighbours relative to the current place: a[0], a[-1]"});
    std::shared_ptr<Function> g = make_function();
    g->name = f_.name;
    g->module = f_.module;
    g->filename = f_.filename;
    g->tree = t.tree();
    g->options = f_.options;
    g->captures = f_.captures;
    return g;
  }

  const std::vector<std::pair<int64_t, int64_t>>& reach() const { return reach_; }

 private:
  bool is_relative(const Node* n) const {
    return n->kind == NodeKind::Name && std::find(arrays_.begin(), arrays_.end(), n->name) != arrays_.end();
  }

  Node* relative(TreeBuilder& t, const Node* n) {
    return t.copy(n, [&](const Node* at) -> Node* {
      if (at->kind == NodeKind::Assign || at->kind == NodeKind::AugAssign) {
        const std::vector<Node*>& targets =
            at->kind == NodeKind::Assign ? at->list[0] : std::vector<Node*>{at->one[0]};
        for (const Node* target : targets)
          if (target->kind == NodeKind::Subscript && is_relative(target->one[0]))
            refuse(f_, target->span,
                   {"Assignments to arrays passed to stencil kernels is not allowed.",
                    "return the new value of the current place"});
      }
      if (at->kind != NodeKind::Subscript || !is_relative(at->one[0])) return nullptr;
      indexed_ = true;
      const Node* index = at->one[1];
      const bool several = index->kind == NodeKind::Tuple;
      const size_t count = several ? index->list[0].size() : 1;
      if (count != static_cast<size_t>(ndim_))
        refuse(f_, at->span,
               {"Stencil index does not match array dimensionality.",
                "the array has " + std::to_string(ndim_) + " dimension(s) and is indexed with " +
                    std::to_string(count)});
      Node* copy = t.make(NodeKind::Subscript);
      copy->span = at->span;
      copy->one[0] = t.name(at->one[0]->name);
      std::vector<Node*> places;
      for (size_t k = 0; k < count; ++k) places.push_back(moved(t, several ? index->list[0][k] : index, k));
      copy->one[1] = several ? t.tuple(std::move(places)) : places[0];
      return copy;
    });
  }

  Node* moved(TreeBuilder& t, const Node* offset, size_t axis) {
    if (offset->kind == NodeKind::Slice) {
      if (!offset->one[0] || !offset->one[1])
        refuse(f_, offset->span, {"a slice of a stencil's array needs both ends", "write a[-1:2]"});
      Node* s = t.make(NodeKind::Slice);
      s->one[0] = moved(t, offset->one[0], axis);
      // The end is behind what is read.
      Node* end = relative(t, offset->one[1]);
      if (f_.stencil.neighborhood.empty()) note(constant(offset->one[1], offset->one[1]) - 1, axis);
      s->one[1] = t.binary(Operator::Add, t.name(index_name(static_cast<int>(axis))), end);
      s->one[2] = relative(t, offset->one[2]);
      return s;
    }
    if (f_.stencil.neighborhood.empty()) note(constant(offset, offset), axis);
    return t.binary(Operator::Add, t.name(index_name(static_cast<int>(axis))), relative(t, offset));
  }

  void note(int64_t offset, size_t axis) {
    reach_[axis].first = std::min(reach_[axis].first, offset);
    reach_[axis].second = std::max(reach_[axis].second, offset);
  }

  int64_t constant(const Node* n, const Node* whole) const {
    if (n->kind == NodeKind::Constant && n->value.kind == syntax::ConstKind::Int) return n->value.i;
    if (n->kind == NodeKind::UnaryOp && n->op == Operator::USub) return -constant(n->one[0], whole);
    if (n->kind == NodeKind::BinOp) {
      const int64_t a = constant(n->one[0], whole), b = constant(n->one[1], whole);
      if (n->op == Operator::Add) return a + b;
      if (n->op == Operator::Sub) return a - b;
      if (n->op == Operator::Mult) return a * b;
    }
    if (n->kind == NodeKind::Name) {
      auto it = f_.captures.find(n->name);
      if (it != f_.captures.end() && it->second.kind == Captured::Kind::Int) return it->second.scalar.i;
    }
    throw CompileError(Diagnostic{Diag::StencilIndex, whole->span, {}, {}, f_.name});
  }

  Function& f_;
  std::vector<std::string> arrays_;
  int ndim_;
  std::vector<std::pair<int64_t, int64_t>> reach_;
  bool indexed_ = false;
};

// Whether a value of the border can be an element of the result.
bool fits(const Captured& value, TypeRef elem) {
  if (!value.type || !value.type->is_number()) return false;
  if (elem->is_complex()) return true;
  if (elem->is_float()) return !value.type->is_complex();
  return value.type->is_int() || value.type->is_bool();
}

}  // namespace

Expr* Typer::call_user_stencil(Function& f, CallArgs args) {
  const Span span = args.span;
  ensure_captured(f);
  Expr* out = nullptr;
  for (size_t i = 0; i < args.keywords.size(); ++i)
    if (args.keywords[i].first == "out") {
      out = args.keywords[i].second;
      args.keywords.erase(args.keywords.begin() + static_cast<long>(i));
      break;
    }
  std::vector<Expr*> bound;
  std::optional<Diagnostic> why;
  if (!bind(f, args, bound, why)) throw CompileError(*why);
  const std::vector<std::string> names = parameters(f.tree->root).positional;
  for (Expr*& e : bound) {
    if (e->type->is(TypeKind::Unknown)) return e;
    if (unliteral(e->type) != e->type) e = convert(e, unliteral(e->type), span);
  }
  const std::vector<std::string>& usual = f.stencil.standard_indexing;
  for (const std::string& name : usual)
    if (std::find(names.begin(), names.end(), name) == names.end())
      refuse(f, f.tree->root->span,
             {"Standard indexing requested for an array name not present in the stencil kernel definition.",
              "'" + name + "' is no parameter of '" + f.name + "'"});
  auto is_usual = [&](const std::string& n) {
    return std::find(usual.begin(), usual.end(), n) != usual.end();
  };
  if (bound.empty() || !bound[0]->type->is_array() || is_usual(names[0]))
    refuse(f, f.tree->root->span,
           {bound.empty() || !bound[0]->type->is_array()
                ? "The first argument to a stencil kernel must be the primary input array."
                : "The first argument to a stencil kernel must use relative indexing, not standard indexing.",
            bound.empty() ? "" : "here it is " + type_name(bound[0])});
  const int ndim = bound[0]->type->ndim;
  std::vector<std::string> arrays;
  std::vector<TypeRef> types;
  std::string key = "stencil " + std::to_string(f.id) + (options_.parallel ? "p" : "") + (out ? "o" : "");
  for (size_t i = 0; i < bound.size(); ++i) {
    types.push_back(bound[i]->type);
    if (!bound[i]->type->is_array() || is_usual(names[i])) continue;
    if (bound[i]->type->ndim != ndim)
      refuse(f, f.tree->root->span,
             {"'" + names[i] + "' has " + std::to_string(bound[i]->type->ndim) +
                  " dimension(s), the first array has " + std::to_string(ndim),
              "arrays that a stencil indexes relatively have the same number of dimensions"});
    arrays.push_back(names[i]);
    key += " " + names[i];
  }
  key += "/" + std::to_string(ndim);

  Function& kernel = program_.derived(key + " kernel", [&] {
    Kernel writer(f, arrays, ndim);
    std::shared_ptr<Function> g = writer.write();
    g->stencil.neighborhood = writer.reach();
    return g;
  });
  std::vector<TypeRef> kernel_types = types;
  kernel_types.resize(types.size() + static_cast<size_t>(ndim), i64());
  TypeRef elem = program_.instance(kernel, kernel_types)->ret;
  if (!elem) return make_static(unknown_type(), span);
  elem = unliteral(elem);
  if (!elem->is_number())
    refuse(f, f.tree->root->span,
           {"Stencil kernel must return a scalar and not " + elem->str() + ".",
            "return the new value of one place"});
  Captured border = f.stencil.cval;
  if (border.kind == Captured::Kind::Missing) {
    border.kind = Captured::Kind::Int;
    border.type = i64();
  } else if (!fits(border, elem)) {
    refuse(f, f.tree->root->span,
           {"cval type does not match stencil return type: it is " +
                (border.type ? border.type->str() : "no number") + ", the stencil returns " + elem->str(),
            "give a cval of that type"});
  }
  if (out) {
    out = unwrap(out, span);
    if (!out->type->is_array() || out->type->ndim != ndim)
      refuse(
          f, f.tree->root->span,
          {"out is " + type_name(out) + ", the stencil's array has " + std::to_string(ndim) + " dimension(s)",
           "pass an array of the same shape"});
  }

  Function& driver = program_.derived(key + " driver " + elem->str(), [&] {
    const std::vector<std::pair<int64_t, int64_t>>& reach = kernel.stencil.neighborhood;
    std::vector<std::string> parameters = names;
    if (out) parameters.push_back(".out");
    TreeBuilder t(f.name, parameters, f.tree->root->span);
    std::vector<Node*>& body = t.body();
    for (size_t i = 1; i < arrays.size(); ++i)
      for (int k = 0; k < ndim; ++k)
        body.push_back(
            t.when(t.compare(Operator::Lt, t.dim(arrays[i], k), t.dim(names[0], k)),
                   {t.raise(".ValueError",
                            "Secondary stencil array has some dimension smaller the same dimension "
                            "in the first stencil input.")}));
    if (out)
      for (int k = 0; k < ndim; ++k)
        body.push_back(
            t.when(t.compare(Operator::NotEq, t.dim(".out", k), t.dim(names[0], k)),
                   {t.raise(".ValueError", "the shapes of the stencil's array and of out differ")}));
    else
      body.push_back(
          t.assign(t.name(".out"),
                   t.call(t.name(".empty"), {t.attribute(t.name(names[0]), "shape"), t.name(".elem")})));
    // An array that is given keeps its border, unless a value for it is given too.
    if (!out || f.stencil.cval.kind != Captured::Kind::Missing)
      for (int k = 0; k < ndim; ++k)
        for (bool high : {false, true}) {
          const int64_t width =
              high ? reach[static_cast<size_t>(k)].second : -reach[static_cast<size_t>(k)].first;
          if (width <= 0) continue;
          std::vector<Node*> index;
          for (int j = 0; j < ndim; ++j) {
            Node* first =
                high && j == k
                    ? t.call(t.name(".max"),
                             {t.number(0), t.binary(Operator::Sub, t.dim(names[0], k), t.number(width))})
                    : nullptr;
            index.push_back(t.slice(first, !high && j == k ? t.number(width) : nullptr));
          }
          Node* where = ndim == 1 ? index[0] : t.tuple(std::move(index));
          body.push_back(t.assign(t.subscript(t.name(".out"), where), t.name(".border")));
        }
    std::vector<Node*> call_args, target;
    for (const std::string& n : names) call_args.push_back(t.name(n));
    for (int k = 0; k < ndim; ++k) {
      call_args.push_back(t.name(index_name(k)));
      target.push_back(t.name(index_name(k)));
    }
    Node* inner = t.assign(t.subscript(t.name(".out"), ndim == 1 ? target[0] : t.tuple(std::move(target))),
                           t.call(t.name(".kernel"), std::move(call_args)));
    for (int k = ndim; k-- > 0;) {
      auto [low, high] = reach[static_cast<size_t>(k)];
      Node* range =
          t.call(t.name(k == 0 ? ".prange" : ".range"),
                 {t.number(std::max<int64_t>(-low, 0)),
                  t.binary(Operator::Sub, t.dim(names[0], k), t.number(std::max<int64_t>(high, 0)))});
      inner = t.loop(index_name(k), range, {inner});
    }
    body.push_back(inner);
    body.push_back(t.give(t.name(".out")));

    std::shared_ptr<Function> g = make_function();
    g->name = f.name;
    g->module = f.module;
    g->filename = f.filename;
    g->tree = t.tree();
    g->options = f.options;
    g->options.parallel = options_.parallel;
    g->captures = {{".kernel", captured_function(find_function(kernel.id))},
                   {".empty", captured_builtin("numpy.empty")},
                   {".max", captured_builtin("builtins.max")},
                   {".range", captured_builtin("builtins.range")},
                   {".prange", captured_builtin("cantil.prange")},
                   {".elem", captured_type(elem)},
                   {".border", border},
                   {".ValueError", captured_value_error()}};
    return g;
  });
  if (out) bound.push_back(out);
  return call_instance(driver, bound, span);
}

}  // namespace cantil::frontend
