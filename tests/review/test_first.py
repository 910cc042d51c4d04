import time
from tests.review.double import *
from rollsafe.review import run_review

def test_x(double, settings):
    double.replies=[answers(item())]
    t=time.time()
    o=run_review(request_about(), settings)
    print(time.time()-t); print(o); 
    print(double.requests[0].headers); print(double.requests[0].body.decode())
    assert 0
