// cantil._core.Kernel and Launcher: what @cuda.jit makes of a function, and that with a launch configuration.
#include "python/bindings/cuda_kernel.h"

#include <structmember.h>

#include <algorithm>
#include <cstring>

#include "python/bindings/call_signature.h"
#include "python/bindings/conversion.h"
#include "python/bindings/cuda_array.h"
#include "python/bindings/cuda_python.h"
#include "python/bindings/cuda_transfers.h"
#include "python/bindings/errors.h"
#include "python/bindings/launch_config.h"
#include "python/bindings/linked_image.h"
#include "python/bindings/ref.h"
#include "python/bindings/sanitizer_report.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"
#include "python/bindings/user_function.h"

namespace cantil::bindings {

using compiler::Artifact;
using ir::TypeRef;

namespace {

constexpr size_t kStackBytes = 4096;

// A kernel compiled for argument types, and loaded on the devices it has run on.
struct Compiled {
  explicit Compiled(std::shared_ptr<const Artifact> a) : artifact(std::move(a)), arguments(artifact->args) {}
  struct Loaded {
    CudaDevice* device;
    std::shared_ptr<const Artifact> artifact;
    std::shared_ptr<CudaCode> code;
  };
  bool cooperative = false;  // what is linked has to be launched so
  std::shared_ptr<const Artifact> artifact;
  ArgumentPlan arguments;
  std::vector<Loaded> loaded;
};

struct Target {
  std::vector<TypeRef> key;
  Compiled* compiled;
};

struct State {
  std::shared_ptr<frontend::Function> function;
  std::unique_ptr<CallSignature> signature;
  std::vector<std::unique_ptr<Compiled>> compiled;
  std::vector<std::unique_ptr<Target>> targets;
  bool use_cache = false;
  bool can_compile = true;
  bool is_device = false;
  bool lineinfo = false;
  bool sanitize = false;
  bool on_host = false;         // kernel.cpu: on the simulated device, whatever the current one is
  bool has_extensions = false;  // that prepare arguments
  bool has_links = false;       // code from elsewhere
};

struct Kernel {
  PyObject_HEAD Target* last;
  State* state;
  PyObject* py_func;
  PyObject* options;
  PyObject* launcher;  // the last one made
  PyObject* dict;
  PyObject* weak_references;
};

struct Launcher {
  PyObject_HEAD vectorcallfunc vectorcall;
  Kernel* kernel;
  CudaLaunch* config;
};

PyTypeObject* kernel_class = nullptr;
PyTypeObject* launcher_class = nullptr;

Kernel* as_kernel(PyObject* object) { return reinterpret_cast<Kernel*>(object); }
Launcher* as_launcher(PyObject* object) { return reinterpret_cast<Launcher*>(object); }

CudaDevice& device_of(Kernel* self) {
  return self->state->on_host ? host_device() : cuda_backend().current();
}

compiler::Job job_for(Kernel* self, std::vector<TypeRef> args, TypeRef ret, compiler::Target target) {
  compiler::Job job;
  job.function = self->state->function;
  job.args = std::move(args);
  job.ret = ret;
  job.target = std::move(target);
  job.target.lineinfo = self->state->lineinfo;
  job.target.debug = job.function->options.debug;
  job.target.device_function = self->state->is_device;
  if (self->state->sanitize && !self->state->is_device) {
    if (job.target.kind != compiler::TargetKind::Sim) refuse_sanitizing(job.function->name);
    job.target.sanitize = true;
  }
  job.use_cache = self->state->use_cache;
  return job;
}

std::shared_ptr<const Artifact> compile_released(const compiler::Job& job) {
  GilReleased released;
  return compiler::compile(job);
}

Target* find_target(State& state, const std::vector<TypeRef>& key) {
  for (auto& t : state.targets)
    if (t->key == key) return t.get();
  return nullptr;
}

Target* add_target(State& state, std::vector<TypeRef> key, Compiled* compiled) {
  state.targets.push_back(std::make_unique<Target>(Target{std::move(key), compiled}));
  return state.targets.back().get();
}

Target* compile_for(Kernel* self, const std::vector<TypeRef>& args, TypeRef ret) {
  State& state = *self->state;
  auto artifact = compile_released(job_for(self, args, ret, device_of(self).target()));
  if (Target* made_meanwhile = find_target(state, args)) return made_meanwhile;
  state.compiled.push_back(std::make_unique<Compiled>(std::move(artifact)));
  return add_target(state, args, state.compiled.back().get());
}

Target* match_compiled(Kernel* self, const std::vector<TypeRef>& args) {
  State& state = *self->state;
  std::vector<const std::vector<TypeRef>*> candidates;
  for (auto& c : state.compiled) candidates.push_back(&c->artifact->args);
  int best = best_match(args, candidates);
  if (best >= 0) return add_target(state, args, state.compiled[static_cast<size_t>(best)].get());
  std::string known;
  for (const auto* c : candidates) known += (known.empty() ? "(" : ", (") + type_list(*c) + ")";
  throw CompileError(
      Diagnostic{Diag::SignatureMismatch, {}, {type_list(args), known}, {}, state.function->name});
}

bool same_architecture(const CudaDevice& a, const CudaDevice& b) {
  return a.properties().compute_capability() == b.properties().compute_capability();
}

// The code on a device; loaded when it first runs there, compiled again where its architecture differs.
CudaCode& code_on(Kernel* self, Compiled& compiled, CudaDevice& device) {
  for (auto& l : compiled.loaded)
    if (l.device == &device) return *l.code;
  std::shared_ptr<const Artifact> artifact = compiled.loaded.empty() ? compiled.artifact : nullptr;
  for (auto& l : compiled.loaded)
    if (same_architecture(*l.device, device)) artifact = l.artifact;
  if (!artifact)
    artifact = compile_released(job_for(self, compiled.artifact->args, nullptr, device.target()));
  std::shared_ptr<CudaCode> code;
  const bool links = self->state->has_links || !artifact->externals.empty();
  const std::string image =
      links ? linked_image(reinterpret_cast<PyObject*>(self), *artifact, device, compiled.cooperative) : "";
  {
    GilReleased released;
    code = device.load(artifact, image);
  }
  compiled.loaded.push_back({&device, artifact, code});
  if (links) run_setup(reinterpret_cast<PyObject*>(self), *artifact, *code);
  return *code;
}

// Objects with __cuda_array_interface__ become device arrays; everything else stays.
bool wrap_foreign(PyObject* const* values, size_t count, std::vector<PyObject*>& wrapped,
                  std::vector<Ref>& holders) {
  bool any = false;
  wrapped.assign(values, values + count);
  for (size_t i = 0; i < count; ++i) {
    if (typeof_value(values[i])) continue;
    Ref interface(PyObject_GetAttrString(values[i], "__cuda_array_interface__"));
    if (!interface) {
      PyErr_Clear();
      continue;
    }
    Ref convert = import_attribute("cantil.cuda._arrays", "as_cuda_array");
    holders.push_back(checked(PyObject_CallOneArg(convert.get(), values[i])));
    wrapped[i] = holders.back().get();
    any = true;
  }
  return any;
}

Target* resolve(Kernel* self, PyObject* const* values, size_t count) {
  std::vector<TypeRef> args;
  typeof_arguments(values, count, *self->state->function, args);
  Target* target = find_target(*self->state, args);
  if (!target)
    target = self->state->can_compile ? compile_for(self, args, nullptr) : match_compiled(self, args);
  self->last = target;
  return target;
}

bool same_types(const Target& target, PyObject* const* values) {
  for (TypeRef expected : target.key)
    if (typeof_value(*values++) != expected) return false;
  return true;
}

void enqueue(CudaDevice& device, CudaCode& code, const CudaLaunch& config, const void* packed, size_t size) {
  if (!device.shares_host_memory()) {
    code.launch(config, packed, size);
    return;
  }
  GilReleased released;  // the simulator runs the kernel now
  code.launch(config, packed, size);
}

// A launch with host arrays: copied in, waited for, copied back, also where the kernel raised.
void launch_with_host_arrays(CudaDevice& device, CudaCode& code, const CudaLaunch& config,
                             const ArgumentPlan& plan, PyObject* const* values, size_t count, char* buffer) {
  KernelArrays arrays(device, config.stream);
  arrays.copy_in(values, count);
  if (!plan.unbox(values, buffer, &arrays)) throw PythonError{};
  enqueue(device, code, config, buffer, plan.size());
  std::exception_ptr failure;
  try {
    GilReleased released;
    if (config.stream && &config.stream->device() == &device)
      config.stream->synchronize();
    else
      device.synchronize();
  } catch (const KernelFailed&) {
    failure = std::current_exception();
  }
  arrays.copy_back();
  if (failure) std::rethrow_exception(failure);
}

void launch_compiled(Launcher* self, Compiled& compiled, PyObject* const* values, size_t count,
                     char* buffer) {
  const bool on_host = self->kernel->state->on_host;
  CudaDevice& device = on_host                ? host_device()
                       : self->config->stream ? self->config->stream->device()
                                              : cuda_backend().current();
  CudaCode& code = code_on(self->kernel, compiled, device);
  bool host_arrays = false;
  for (size_t i = 0; i < count && !host_arrays; ++i) host_arrays = holds_host_array(values[i]);
  CudaLaunch cooperative;
  const CudaLaunch* config = self->config;
  if (compiled.artifact->uses_grid_sync || compiled.cooperative) {
    cooperative = *config;
    cooperative.cooperative = true;
    config = &cooperative;
  }
  if (host_arrays || on_host) {
    launch_with_host_arrays(device, code, *config, compiled.arguments, values, count, buffer);
    return;
  }
  KernelArrays arrays(device, config->stream);
  if (!compiled.arguments.unbox(values, buffer, &arrays)) throw PythonError{};
  enqueue(device, code, *config, buffer, compiled.arguments.size());
}

// cuda.In, cuda.Out and cuda.InOut around an argument.
bool is_hint(PyObject* value) {
  return !typeof_value(value) && PyObject_HasAttrString(value, "_kernel_argument_");
}

// Arguments that Python code prepares; it then calls the launcher's _direct().
PyObject* launch_prepared(Launcher* self, PyObject* const* values, size_t count) {
  Ref launch = import_attribute("cantil.cuda._args", "launch");
  Ref arguments = checked(PyTuple_New(static_cast<Py_ssize_t>(count)));
  for (size_t i = 0; i < count; ++i)
    PyTuple_SET_ITEM(arguments.get(), static_cast<Py_ssize_t>(i), Py_NewRef(values[i]));
  PyObject* kernel = reinterpret_cast<PyObject*>(self->kernel);
  Ref extensions =
      self->kernel->state->has_extensions ? attribute(kernel, "extensions") : Ref::borrow(Py_None);
  return PyObject_CallFunctionObjArgs(launch.get(), reinterpret_cast<PyObject*>(self), arguments.get(),
                                      extensions.get(), nullptr);
}

PyObject* launch_bound(Launcher* self, PyObject* const* values, size_t count, bool prepares = true) {
  return guarded([&]() -> PyObject* {
    Kernel* kernel = self->kernel;
    Target* target = kernel->last;
    std::vector<PyObject*> wrapped;
    std::vector<Ref> holders;
    if (prepares && kernel->state->has_extensions) [[unlikely]]
      return launch_prepared(self, values, count);
    if (!target || target->key.size() != count || !same_types(*target, values)) {
      if (prepares && std::any_of(values, values + count, is_hint))
        return launch_prepared(self, values, count);
      if (wrap_foreign(values, count, wrapped, holders)) values = wrapped.data();
      target = resolve(kernel, values, count);
    }
    Compiled& compiled = *target->compiled;
    size_t size = compiled.arguments.size();
    if (size <= kStackBytes) [[likely]] {
      alignas(16) char buffer[kStackBytes];
      launch_compiled(self, compiled, values, count, buffer);
    } else {
      auto buffer = std::make_unique<uint64_t[]>(size / 8 + 1);
      launch_compiled(self, compiled, values, count, reinterpret_cast<char*>(buffer.get()));
    }
    Py_RETURN_NONE;
  });
}

PyObject* launcher_call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  Launcher* self = as_launcher(object);
  Py_ssize_t positional = PyVectorcall_NARGS(nargsf);
  const CallSignature& signature = *self->kernel->state->signature;
  if (signature.is_bound(positional, kwnames)) [[likely]]
    return launch_bound(self, args, static_cast<size_t>(positional));
  return guarded([&] {
    Ref holder;
    std::vector<PyObject*> bound = signature.bind(args, positional, kwnames, holder);
    return launch_bound(self, bound.data(), bound.size());
  });
}

// _direct(arguments…): a launch whose arguments are prepared.
PyObject* direct_method(PyObject* object, PyObject* const* args, Py_ssize_t count) {
  return launch_bound(as_launcher(object), args, static_cast<size_t>(count), /*prepares=*/false);
}

PyObject* kernel_subscript(PyObject* object, PyObject* key) {
  Kernel* self = as_kernel(object);
  return guarded([&]() -> PyObject* {
    if (self->state->is_device)
      return PyErr_Format(PyExc_TypeError, "%s is a device function: kernels call it, it cannot be launched",
                          self->state->function->name.c_str());
    CudaLaunch config;
    read_configuration(key, config);
    if (self->launcher && as_launcher(self->launcher)->config->same_as(config))
      return Py_NewRef(self->launcher);
    Ref made = checked(launcher_class->tp_alloc(launcher_class, 0));
    Launcher* launcher = as_launcher(made.get());
    launcher->vectorcall = launcher_call;
    launcher->kernel = reinterpret_cast<Kernel*>(Py_NewRef(object));
    launcher->config = new CudaLaunch(std::move(config));
    Py_XSETREF(self->launcher, Py_NewRef(made.get()));
    return made.release();
  });
}

PyObject* kernel_call(PyObject* object, PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    const State& state = *as_kernel(object)->state;
    if (state.is_device)
      return PyErr_Format(PyExc_TypeError, "%s is a device function: only kernels can call it",
                          state.function->name.c_str());
    fail(Diag::NotConfigured, {}, {state.function->name});
  });
}

// ---- Kernel's class ----

PyObject* kernel_new(PyTypeObject* cls, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"py_func", "options", nullptr};
  PyObject *py_func = nullptr, *options = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!", const_cast<char**>(names), &PyFunction_Type,
                                   &py_func, &PyDict_Type, &options))
    return nullptr;
  Ref object(cls->tp_alloc(cls, 0));
  if (!object) return nullptr;
  return guarded([&] {
    Kernel* self = as_kernel(object.get());
    self->state = new State;
    self->py_func = Py_NewRef(py_func);
    self->options = Py_NewRef(options);
    State& state = *self->state;
    state.use_cache = option(options, "cache");
    state.is_device = option(options, "device");
    state.lineinfo = option(options, "lineinfo");
    state.sanitize = option(options, "sanitize");
    state.on_host = option(options, "on_host");
    state.has_extensions = option(options, "has_extensions");
    state.has_links = option(options, "has_links");
    state.function = make_user_function(
        py_func, options,
        state.is_device ? frontend::FunctionRole::CudaDevice : frontend::FunctionRole::CudaKernel);
    state.signature = std::make_unique<CallSignature>(py_func);
    return object.release();
  });
}

int kernel_traverse(PyObject* object, visitproc visit, void* arg) {
  Kernel* self = as_kernel(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->py_func);
  Py_VISIT(self->options);
  Py_VISIT(self->launcher);
  Py_VISIT(self->dict);
  return 0;
}

int kernel_clear(PyObject* object) {
  Kernel* self = as_kernel(object);
  Py_CLEAR(self->options);
  Py_CLEAR(self->launcher);
  Py_CLEAR(self->dict);
  return 0;
}

void kernel_dealloc(PyObject* object) {
  Kernel* self = as_kernel(object);
  PyObject_GC_UnTrack(object);
  if (self->weak_references) PyObject_ClearWeakRefs(object);
  kernel_clear(object);
  Py_CLEAR(self->py_func);
  delete self->state;
  PyTypeObject* cls = Py_TYPE(object);
  cls->tp_free(object);
  Py_DECREF(cls);
}

Target* compiled_for(Kernel* self, PyObject* signature) {
  std::vector<TypeRef> args;
  TypeRef ret = nullptr;
  read_signature(signature, args, ret);
  size_t expected = self->state->signature->count();
  if (args.size() != expected)
    throw CompileError(
        Diagnostic{Diag::WrongArgumentCount,
                   {},
                   {self->state->function->name, std::to_string(expected), std::to_string(args.size())},
                   {},
                   ""});
  Target* target = find_target(*self->state, args);
  return target ? target : compile_for(self, args, ret);
}

PyObject* compile_method(PyObject* object, PyObject* signature) {
  return guarded(
      [&] { return wrap_type(compiled_for(as_kernel(object), signature)->compiled->artifact->ret); });
}

PyObject* declare_method(PyObject* object, PyObject* signature) {
  return guarded([&]() -> PyObject* {
    std::vector<TypeRef> args;
    TypeRef ret = nullptr;
    read_signature(signature, args, ret);
    auto& f = *as_kernel(object)->state->function;
    f.signatures.push_back(std::move(args));
    f.signature_returns.push_back(ret);
    Py_RETURN_NONE;
  });
}

PyObject* disable_compile_method(PyObject* object, PyObject* args) {
  int disable = 1;
  if (!PyArg_ParseTuple(args, "|p", &disable)) return nullptr;
  as_kernel(object)->state->can_compile = !disable;
  Py_RETURN_NONE;
}

PyObject* compiled_method(PyObject* object, PyObject*) {
  return guarded([&] {
    Ref list = checked(PyList_New(0));
    for (auto& c : as_kernel(object)->state->compiled) {
      const Artifact& a = *c->artifact;
      Ref item = checked(Py_BuildValue("(NNOs)", wrap_types(a.args), wrap_type(a.ret),
                                       a.from_cache ? Py_True : Py_False, a.types_text.c_str()));
      check_status(PyList_Append(list.get(), item.get()));
    }
    return list.release();
  });
}

// _types(arguments): the types that a launch with these arguments is compiled for.
PyObject* types_method(PyObject* object, PyObject* arguments) {
  return guarded([&] {
    Kernel* self = as_kernel(object);
    Ref items = checked(PySequence_Tuple(arguments));
    Ref holder;
    std::vector<PyObject*> bound = self->state->signature->bind(
        &PyTuple_GET_ITEM(items.get(), 0), PyTuple_GET_SIZE(items.get()), nullptr, holder);
    std::vector<PyObject*> wrapped;
    std::vector<Ref> holders;
    wrap_foreign(bound.data(), bound.size(), wrapped, holders);
    std::vector<TypeRef> types;
    typeof_arguments(wrapped.data(), wrapped.size(), *self->state->function, types);
    return wrap_types(types);
  });
}

// _inspect(argument types, stage): for the current device.
PyObject* inspect_method(PyObject* object, PyObject* args) {
  PyObject* types = nullptr;
  const char* stage = nullptr;
  if (!PyArg_ParseTuple(args, "Os", &types, &stage)) return nullptr;
  return guarded([&] {
    compiler::Job job =
        job_for(as_kernel(object), types_of(types), nullptr, device_of(as_kernel(object)).target());
    std::string text;
    {
      GilReleased released;
      text = compiler::inspect(job, stage);
    }
    return make_str(text).release();
  });
}

// _ptx(signature, (major, minor), suffix, name): (PTX, return type, functions from elsewhere) for any
// architecture; needs no device.
PyObject* ptx_method(PyObject* object, PyObject* args) {
  PyObject* signature = nullptr;
  int major = 0, minor = 0;
  const char *suffix = nullptr, *name = nullptr;
  if (!PyArg_ParseTuple(args, "O(ii)ss", &signature, &major, &minor, &suffix, &name)) return nullptr;
  return guarded([&] {
    Kernel* self = as_kernel(object);
    std::vector<TypeRef> types;
    TypeRef ret = nullptr;
    read_signature(signature, types, ret);
    compiler::Target target;
    target.kind = compiler::TargetKind::Ptx;
    target.compute_major = major;
    target.compute_minor = minor;
    target.arch_suffix = suffix[0];
    target.export_name = name;
    auto artifact = compile_released(job_for(self, std::move(types), ret, std::move(target)));
    Ref code = make_str(artifact->code);
    return Py_BuildValue("(NNN)", code.release(), wrap_type(artifact->ret),
                         externals_of(*artifact).release());
  });
}

// _attributes(signature): registers, memory and limits of the code on the current device, as a tuple.
PyObject* attributes_method(PyObject* object, PyObject* signature) {
  return guarded([&] {
    Kernel* self = as_kernel(object);
    auto a = code_on(self, *compiled_for(self, signature)->compiled, device_of(self)).attributes();
    return Py_BuildValue("(IIIIIii)", a.registers, a.shared_bytes, a.const_bytes, a.local_bytes,
                         a.max_threads_per_block, a.ptx_version, a.binary_version);
  });
}

// _suggest(signature, shared bytes, limit): (the smallest grid that fills the device, the block size with the
// best occupancy).
PyObject* suggest_method(PyObject* object, PyObject* args) {
  PyObject* signature = nullptr;
  Py_ssize_t shared = 0;
  int limit = 0;
  if (!PyArg_ParseTuple(args, "Oni", &signature, &shared, &limit)) return nullptr;
  return guarded([&] {
    Kernel* self = as_kernel(object);
    auto s = code_on(self, *compiled_for(self, signature)->compiled, device_of(self))
                 .suggest_block_size(static_cast<size_t>(shared), limit);
    return Py_BuildValue("(ii)", s.min_grid_size, s.block_size);
  });
}

// _occupancy(signature, block size, shared bytes): (active blocks a multiprocessor, most blocks of a
// cooperative launch).
PyObject* occupancy_method(PyObject* object, PyObject* args) {
  PyObject* signature = nullptr;
  int block = 0;
  Py_ssize_t shared = 0;
  if (!PyArg_ParseTuple(args, "Oin", &signature, &block, &shared)) return nullptr;
  return guarded([&] {
    Kernel* self = as_kernel(object);
    CudaCode& code = code_on(self, *compiled_for(self, signature)->compiled, device_of(self));
    return Py_BuildValue("(ii)", code.max_active_blocks(block, static_cast<size_t>(shared)),
                         code.max_cooperative_blocks(block, static_cast<size_t>(shared)));
  });
}

// Forgets all compiled code and captured values.
PyObject* forget_method(PyObject* object, PyObject*) {
  return guarded([&]() -> PyObject* {
    Kernel* self = as_kernel(object);
    State& state = *self->state;
    auto fresh = make_user_function(self->py_func, self->options, state.function->role);
    fresh->signatures = state.function->signatures;
    fresh->signature_returns = state.function->signature_returns;
    self->last = nullptr;
    state.targets.clear();
    state.compiled.clear();
    state.function = std::move(fresh);
    Py_RETURN_NONE;
  });
}

PyObject* cache_path_method(PyObject* object, PyObject*) {
  return guarded([&] {
    return make_str(compiler::cache_directory(as_kernel(object)->state->function->filename)).release();
  });
}

PyMethodDef kernel_methods[] = {
    {"_compile", compile_method, METH_O, "_compile((return type or None, argument types)): the return type."},
    {"_declare", declare_method, METH_O, "Adds an explicit signature, for compiled callers."},
    {"disable_compile", disable_compile_method, METH_VARARGS,
     "disable_compile(val=True): stops (True) or allows (False) compiling for new argument types."},
    {"_compiled", compiled_method, METH_NOARGS, "[(argument types, return type, from cache, typed text)…]"},
    {"_types", types_method, METH_O, "The types that a launch with these arguments is compiled for."},
    {"_inspect", inspect_method, METH_VARARGS, "_inspect(argument types, stage): the text of one stage."},
    {"_ptx", ptx_method, METH_VARARGS,
     "_ptx(signature, (major, minor), suffix, name): (PTX, return type, functions from elsewhere)"},
    {"_attributes", attributes_method, METH_O, nullptr},
    {"_suggest", suggest_method, METH_VARARGS, nullptr},
    {"_occupancy", occupancy_method, METH_VARARGS, nullptr},
    {"_forget", forget_method, METH_NOARGS, "Drops compiled code and captured values."},
    {"_cache_path", cache_path_method, METH_NOARGS, "The folder of the disk cache, or ''."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef kernel_members[] = {
    {"py_func", T_OBJECT, offsetof(Kernel, py_func), READONLY, "The Python function."},
    {"_options", T_OBJECT, offsetof(Kernel, options), READONLY, nullptr},
    {"__dictoffset__", T_PYSSIZET, offsetof(Kernel, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Kernel, weak_references), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef kernel_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot kernel_slots[] = {{Py_tp_new, reinterpret_cast<void*>(kernel_new)},
                              {Py_tp_dealloc, reinterpret_cast<void*>(kernel_dealloc)},
                              {Py_tp_traverse, reinterpret_cast<void*>(kernel_traverse)},
                              {Py_tp_clear, reinterpret_cast<void*>(kernel_clear)},
                              {Py_tp_call, reinterpret_cast<void*>(kernel_call)},
                              {Py_mp_subscript, reinterpret_cast<void*>(kernel_subscript)},
                              {Py_tp_methods, kernel_methods},
                              {Py_tp_members, kernel_members},
                              {Py_tp_getset, kernel_getset},
                              {0, nullptr}};
PyType_Spec kernel_spec = {"cantil._core.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
                           kernel_slots};

// ---- Launcher's class ----

int launcher_traverse(PyObject* object, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(reinterpret_cast<PyObject*>(as_launcher(object)->kernel));
  return 0;
}

void launcher_dealloc(PyObject* object) {
  PyObject_GC_UnTrack(object);
  Py_XDECREF(reinterpret_cast<PyObject*>(as_launcher(object)->kernel));
  delete as_launcher(object)->config;
  PyTypeObject* cls = Py_TYPE(object);
  cls->tp_free(object);
  Py_DECREF(cls);
}

PyMemberDef launcher_members[] = {
    {"kernel", T_OBJECT, offsetof(Launcher, kernel), READONLY, "The kernel that is configured."},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Launcher, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyObject* launcher_dims(const unsigned* d) { return Py_BuildValue("(III)", d[0], d[1], d[2]); }
PyGetSetDef launcher_getset[] = {
    {"griddim", [](PyObject* s, void*) { return launcher_dims(as_launcher(s)->config->grid); }, nullptr,
     "Blocks, a tuple of three.", nullptr},
    {"blockdim", [](PyObject* s, void*) { return launcher_dims(as_launcher(s)->config->block); }, nullptr,
     "Threads a block, a tuple of three.", nullptr},
    {"sharedmem",
     [](PyObject* s, void*) { return PyLong_FromUnsignedLong(as_launcher(s)->config->shared_bytes); },
     nullptr, "Bytes of dynamic shared memory.", nullptr},
    {"stream",
     [](PyObject* s, void*) {
       return guarded([&] { return stream_to_python(as_launcher(s)->config->stream); });
     },
     nullptr, "The stream, or None.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef launcher_methods[] = {
    {"_direct", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(direct_method)), METH_FASTCALL,
     nullptr},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot launcher_slots[] = {{Py_tp_methods, launcher_methods},
                                {Py_tp_dealloc, reinterpret_cast<void*>(launcher_dealloc)},
                                {Py_tp_traverse, reinterpret_cast<void*>(launcher_traverse)},
                                {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                                {Py_tp_members, launcher_members},
                                {Py_tp_getset, launcher_getset},
                                {0, nullptr}};
PyType_Spec launcher_spec = {
    "cantil._core.Launcher", sizeof(Launcher), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    launcher_slots};

}  // namespace

std::shared_ptr<frontend::Function> function_of_kernel(PyObject* object) {
  return kernel_class && PyObject_TypeCheck(object, kernel_class) ? as_kernel(object)->state->function
                                                                  : nullptr;
}

int add_cuda_kernel(PyObject* module) {
  kernel_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&kernel_spec));
  launcher_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&launcher_spec));
  if (!kernel_class || !launcher_class) return -1;
  return PyModule_AddObject(module, "Kernel", Py_NewRef(reinterpret_cast<PyObject*>(kernel_class)));
}

}  // namespace cantil::bindings
