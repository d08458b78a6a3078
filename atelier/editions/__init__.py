"""What is published: kept whole, replaced by one rename, made again only when something it was made from has changed.

Reports (``atelier.reports``) and static editions of dashboards (``atelier.live.editions``) both stand on it:

    reads          an engine that notes what a notebook really read
    dependencies   the hash of each thing an edition was made from
    store          folders of files behind one link each, with their history
    shelf          where the static editions of a dashboard are, and the files their pages hand out
    find           the static edition nearest to what a reader asked, and one figure of it
"""
