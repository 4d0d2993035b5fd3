"""One ValeoERP.

What is seen of it (observe), what comes next (plan, pure), the doing (act), the telling (status, pure).
"""
