// Calling a named tuple's class.
#include <algorithm>

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

Expr* Typer::make_named_tuple(const Captured& cls, const CallArgs& args) {
  const std::vector<std::string>& fields = cls.names;
  const Span& span = args.span;
  if (args.positional.size() > fields.size())
    fail(Diag::WrongArgumentCount, span,
         {cls.text + "()", std::to_string(fields.size()), std::to_string(args.count())});
  std::vector<Expr*> values = args.positional;
  values.resize(fields.size());
  for (const auto& [name, value] : args.keywords) {
    auto it = std::find(fields.begin(), fields.end(), name);
    if (it == fields.end()) fail(Diag::UnknownKeyword, span, {cls.text + "()", name});
    Expr*& place = values[static_cast<size_t>(it - fields.begin())];
    if (place) fail(Diag::UserRaised, span, {cls.text + "() got two values for the argument '" + name + "'"});
    place = value;
  }
  const size_t first_default = fields.size() - cls.elems.size();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (values[i]) continue;
    if (i < first_default) fail(Diag::MissingArgument, span, {cls.text + "()", fields[i]});
    values[i] = captured(cls.elems[i - first_default], span);
  }
  if (cls.text == "Polynomial" && fields[0] == "coef")
    for (Expr*& v : values) {  // numpy.polynomial's: vectors of floats, as its constructor has them
      CallArgs convert;
      convert.positional = {v};
      convert.span = span;
      v = make_temp(call_library_or_fail("cantil.library.polynomial_coefficients", convert, "Polynomial()"));
      if (v->type->is(TypeKind::Unknown)) return v;
    }
  Expr* tuple = make_tuple(std::move(values), span);
  if (tuple->type->is_tuple())
    tuple->type = named_tuple_type(cls.text, fields, tuple->type->elems, cls.object_ref);
  return tuple;
}

}  // namespace cantil::frontend
