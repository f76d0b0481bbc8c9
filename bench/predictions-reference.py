"""BG/NBD by scipy, written from the paper (Fader, Hardie, Lee 2005, equation 6) and sharing no code with the product.

Usage: predictions-reference.py summary.csv   (x, t_x, T in days)
Prints {"ms": ..., "parameters": {"r", "alpha", "a", "b"}}; the time is of the fit alone, without start-up and reading.
"""
import json
import sys
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

x, t_x, T = np.loadtxt(sys.argv[1], delimiter=",", unpack=True)


def negative_log_likelihood(theta):
    r, alpha, a, b = np.exp(theta)
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    a3 = -(r + x) * np.log(alpha + T)
    a4 = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -np.inf)
    return -np.mean(a1 + a2 + np.logaddexp(a3, a4))


start = time.perf_counter()
found = minimize(negative_log_likelihood, np.log([0.5, 0.5 * T.sum() / max(x.sum(), 1), 0.5, 2.0]), method="L-BFGS-B",
                 options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500})
took = (time.perf_counter() - start) * 1000
print(json.dumps({"ms": took, "parameters": dict(zip(["r", "alpha", "a", "b"], np.exp(found.x).tolist()))}))
