"""Static editions of dashboards: what those get who cannot have, or do not need, a kernel.

One page for a notebook's own selection, in each language, and one for each code of the parameters that its metadata
name under ``editions``. Read it in this order:

    plan      which views there are, what each is called, which must be made and why
    studio    the process that has run the notebook, and draws views in forks of itself
    page      one view as a page, and the files it hands out
    build     makes what the plan asks

Where they are kept, and how the nearest one is found, is in ``atelier.editions``.
"""
