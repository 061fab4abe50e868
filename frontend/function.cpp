// Identity of functions in the process, their parameter lists, and captured values as text.
#include "frontend/function.h"

#include <atomic>
#include <charconv>
#include <mutex>
#include <set>
#include <unordered_map>

namespace cantil::frontend {

namespace {

// All functions alive, so that a function's type, which may come in as an argument's, leads back to it. Never
// destroyed: functions may outlive other statics.
struct Living {
  std::mutex mutex;
  std::unordered_map<uint64_t, std::weak_ptr<Function>> by_id;
};

Living& living() {
  static Living* l = new Living;
  return *l;
}

void forget(Function* f) {
  {
    std::lock_guard lock(living().mutex);
    living().by_id.erase(f->id);
  }
  delete f;
}

}  // namespace

std::shared_ptr<Function> make_function() {
  static std::atomic<uint64_t> next{1};
  std::shared_ptr<Function> f(new Function, forget);
  f->id = next.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(living().mutex);
  living().by_id[f->id] = f;
  return f;
}

std::shared_ptr<Function> find_function(uint64_t id) {
  std::lock_guard lock(living().mutex);
  auto found = living().by_id.find(id);
  return found == living().by_id.end() ? nullptr : found->second.lock();
}

void keep_function(uint64_t id) {
  static auto* mutex = new std::mutex;
  static auto* kept = new std::set<std::shared_ptr<Function>>;
  std::lock_guard lock(*mutex);
  std::vector<uint64_t> todo = {id};
  while (!todo.empty()) {
    std::shared_ptr<Function> f = find_function(todo.back());
    todo.pop_back();
    if (!f || !kept->insert(f).second) continue;
    if (f->outer) todo.push_back(f->outer->id);
    for (const auto& [name, c] : f->captures)  // nested functions name each other without keeping them
      if (c.function && c.function->outer) todo.push_back(c.function->id);
  }
}

void ensure_captured(Function& f) {
  if (!f.capture) return;
  std::function<void(Function&)> capture = std::move(f.capture);
  f.capture = nullptr;
  try {
    capture(f);
  } catch (...) {
    f.capture = std::move(capture);  // the next call says so again
    throw;
  }
  if (!f.is_library) f.captured_by = std::move(capture);
}

void end_capture(Function& f, bool succeeded) {
  if (!f.captured_by) return;
  std::function<void(Function&)> capture = std::move(f.captured_by);
  f.captured_by = nullptr;  // first of all: functions may capture each other
  auto visit = [succeeded](auto&& self, const Captured& c) -> void {
    if (c.function) end_capture(*c.function, succeeded);
    for (const Captured& e : c.elems) self(self, e);
  };
  for (const auto& [name, c] : f.captures) visit(visit, c);
  if (!succeeded) f.capture = std::move(capture);
}

Parameters parameters(const syntax::Node* root) {
  const syntax::Node* args = root->one[0];
  Parameters p;
  for (const syntax::Node* arg : args->list[0]) p.positional.push_back(arg->name);
  p.positional_only = static_cast<int>(p.positional.size());
  for (const syntax::Node* arg : args->list[1]) p.positional.push_back(arg->name);
  for (const syntax::Node* arg : args->list[2]) p.keyword_only.push_back(arg->name);
  if (args->one[0]) p.vararg = args->one[0]->name;
  if (args->one[1]) p.kwarg = args->one[1]->name;
  return p;
}

namespace {

std::string real_text(double d) {
  char buffer[40];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, d).ptr);
}

const char* kind_name(Captured::Kind kind) {
  using Kind = Captured::Kind;
  switch (kind) {
    case Kind::Missing:
      return "Missing";
    case Kind::None:
      return "None";
    case Kind::Bool:
      return "Bool";
    case Kind::Int:
      return "Int";
    case Kind::Float:
      return "Float";
    case Kind::Complex:
      return "Complex";
    case Kind::Str:
      return "Str";
    case Kind::Bytes:
      return "Bytes";
    case Kind::Tuple:
      return "Tuple";
    case Kind::Array:
      return "Array";
    case Kind::Module:
      return "Module";
    case Kind::Builtin:
      return "Builtin";
    case Kind::Function:
      return "Function";
    case Kind::Type:
      return "Type";
    case Kind::NamedTuple:
      return "NamedTuple";
    case Kind::ExceptionClass:
      return "ExceptionClass";
    case Kind::Ellipsis:
      return "Ellipsis";
    case Kind::Other:
      return "Other";
  }
  return "";
}

}  // namespace

std::string describe(const Captured& c) {
  using Kind = Captured::Kind;
  std::string out = kind_name(c.kind);
  if (c.type) out += " " + c.type->str();
  switch (c.kind) {
    case Kind::Bool:
      out += c.scalar.i ? " True" : " False";
      break;
    case Kind::Int:
      out += " " + (c.type->is_signed ? std::to_string(c.scalar.i)
                                      : std::to_string(static_cast<uint64_t>(c.scalar.i)));
      break;
    case Kind::Float:
      out += " " + real_text(c.scalar.f);
      break;
    case Kind::Complex:
      out += " " + real_text(c.scalar.f) + " " + real_text(c.scalar.im);
      break;
    case Kind::Bytes:
      out += " of " + std::to_string(c.text.size());
      break;
    case Kind::Array:
      out += " shape";
      for (int64_t n : c.shape) out += " " + std::to_string(n);
      break;
    case Kind::Function:
      out += " " + c.function->name;
      break;
    case Kind::Tuple: {
      if (!c.text.empty()) out += " " + c.text;
      out += " (";
      for (size_t i = 0; i < c.elems.size(); ++i) {
        if (i) out += ", ";
        if (i < c.names.size()) out += c.names[i] + "=";
        out += describe(c.elems[i]);
      }
      out += ")";
      break;
    }
    default:
      if (!c.text.empty()) out += " " + c.text;
  }
  if (c.object_ref >= 0 && c.kind == Kind::ExceptionClass) out += " (object)";
  return out;
}

}  // namespace cantil::frontend
