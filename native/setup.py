"""One extension module for the stable interface of Python 3.11: what is built once serves later versions, too."""

from __future__ import annotations

from pathlib import Path

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "pansentry_native",
            sources=sorted(str(path) for path in Path("src").glob("*.c")),
            depends=["setup.py", *sorted(str(path) for path in Path("src").glob("*.h"))],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=[
                *("-std=c11", "-O3", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion"),
                *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"),
            ],
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
    py_modules=[],
)
