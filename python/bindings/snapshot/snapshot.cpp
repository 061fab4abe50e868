// The module _snapshot: what writing the library's snapshot needs of the compiler.
#include <Python.h>

#include <string>

#include "frontend/library_names.h"
#include "python/bindings/ast_reader.h"
#include "support/hash.h"

namespace {

PyObject* serialize(PyObject*, PyObject* node) {
  std::unique_ptr<cantil::syntax::Tree> tree = cantil::bindings::read_ast(node, {});
  if (!tree) return nullptr;
  std::string bytes = cantil::syntax::serialize(tree->root);
  return PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
}

PyObject* canonical_name(PyObject*, PyObject* name) {
  const char* text = PyUnicode_AsUTF8(name);
  return text ? PyUnicode_FromString(cantil::frontend::canonical_name(text).c_str()) : nullptr;
}

PyObject* content_hash(PyObject*, PyObject* bytes) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) return nullptr;
  cantil::Hasher h;
  h.bytes(data, static_cast<size_t>(size));
  return PyUnicode_FromString(h.hex().c_str());
}

PyMethodDef methods[] = {
    {"serialize", serialize, METH_O,
     "The binary form of a node of the ast module, without the node's own decorators."},
    {"canonical_name", canonical_name, METH_O,
     "The one name of a library function: numpy.abs is numpy.absolute."},
    {"content_hash", content_hash, METH_O, "The compiler's hash of some bytes, as 32 hexadecimal digits."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_snapshot", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__snapshot() { return PyModule_Create(&definition); }
