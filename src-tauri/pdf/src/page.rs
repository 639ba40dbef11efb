//! The page tree (ISO 32000-2, 7.7.3).
//!
//! `/Count` is a hint. It is followed where the nodes on the way agree with it, so that page 9,000 of 10,000 costs a
//! few objects; where they do not, the whole tree is walked once and the walk is the truth.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lopdf::{Dictionary, Object, ObjectId};

use crate::{Damage, Document, Error, Limit, Rect};

/// Nodes of the page tree.
const MAX_NODES: usize = 500_000;
/// Levels of the page tree. Writers balance it: four levels hold 10,000 pages of ten kids a node.
const MAX_LEVELS: usize = 64;
/// Kids of one node that are looked at before its count is believed: all of them in any letter. In a flat tree of
/// thousands, looking at all would page in the whole file to show one page; [`Document::page_ids`] does that.
const MAX_CHECKED: usize = 512;

/// A page with what it inherits (Table 31).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The page object.
    pub id: ObjectId,
    /// Its dictionary as stored, without inherited entries.
    pub dict: Dictionary,
    /// `/MediaBox`, its own or inherited.
    pub media_box: Rect,
    /// `/CropBox`, its own or inherited, cut to the media box; the media box when there is none.
    pub crop_box: Rect,
    /// Clockwise rotation when shown: 0, 90, 180 or 270.
    pub rotate: i64,
    /// `/Resources`, its own or inherited, references not followed; [`Object::Null`] when there are none.
    pub resources: Object,
}

/// What is known of the tree.
#[derive(Default)]
pub(crate) struct Tree {
    /// Its root: in a flat tree it lists every page and is asked for with each of them.
    root: OnceLock<(ObjectId, Arc<Node>)>,
    /// Nodes found to have leaves only.
    flat: Mutex<HashSet<ObjectId>>,
    /// All pages, when the tree has been walked.
    leaves: OnceLock<Vec<ObjectId>>,
}

/// A node as far as the tree is concerned.
enum Node {
    Leaf,
    Inner {
        kids: Vec<ObjectId>,
        count: Option<usize>,
    },
}

impl Document {
    /// How many pages there are.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] with [`Damage::PageTree`] when the tree has a loop, a missing node or no root;
    /// [`Error::TooBig`].
    pub fn page_count(&self) -> Result<usize, Error> {
        if let Some(leaves) = self.tree.leaves.get() {
            return Ok(leaves.len());
        }
        let mut seen = HashSet::new();
        match self.trusted_count(self.pages_root()?, 0, &mut seen)? {
            Some(count) => Ok(count),
            None => Ok(self.walked()?.len()),
        }
    }

    /// A page by its index, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPage`], and as [`Document::page_count`]; [`Damage::PageTree`] too when the page has no usable
    /// media box.
    pub fn page(&self, index: usize) -> Result<Page, Error> {
        match self.tree.leaves.get() {
            None => match self.descend(index)? {
                Some(id) => self.page_at(id),
                None => self.walked_page(index),
            },
            Some(_) => self.walked_page(index),
        }
    }

    /// The page with this id, without knowing its index.
    ///
    /// # Errors
    ///
    /// As [`Document::page`].
    pub fn page_at(&self, id: ObjectId) -> Result<Page, Error> {
        let dict = self.dictionary(id)?;
        let media_box = self.inherited(&dict, b"MediaBox")?;
        let media_box = self
            .rect(&media_box)?
            .filter(|found| found.width() > 0.0 && found.height() > 0.0);
        let media_box = media_box.ok_or_else(|| self.damaged_tree(id))?;
        let crop_box = self.rect(&self.inherited(&dict, b"CropBox")?)?;
        let crop_box = crop_box
            .and_then(|crop| crop.intersection(&media_box))
            .unwrap_or(media_box);
        let rotate = match self.inherited(&dict, b"Rotate")? {
            Object::Integer(angle) if angle % 90 == 0 => angle.rem_euclid(360),
            _ => 0,
        };
        let resources = self.inherited(&dict, b"Resources")?;
        Ok(Page {
            id,
            dict,
            media_box,
            crop_box,
            rotate,
            resources,
        })
    }

    /// The ids of all pages in order: walks the whole tree once.
    ///
    /// # Errors
    ///
    /// As [`Document::page_count`].
    pub fn page_ids(&self) -> Result<&[ObjectId], Error> {
        self.walked()
    }

    /// The index of the page with this id; `None` when the tree has no such page. Where the counts agree with the tree
    /// it costs the nodes above the page and beside them, else a walk.
    ///
    /// # Errors
    ///
    /// As [`Document::page_count`].
    pub fn page_index(&self, id: ObjectId) -> Result<Option<usize>, Error> {
        if self.tree.leaves.get().is_none()
            && let Some(index) = self.climb(id)?
            && self.descend(index)? == Some(id)
        {
            return Ok(Some(index));
        }
        Ok(self.walked()?.iter().position(|page| *page == id))
    }

    /// What the counts beside a page and its ancestors add up to, if it is below the tree's root.
    fn climb(&self, page: ObjectId) -> Result<Option<usize>, Error> {
        let root = self.pages_root()?;
        let mut index = 0usize;
        let mut id = page;
        for _ in 0..MAX_LEVELS {
            if id == root {
                return Ok(Some(index));
            }
            let Ok(dict) = self.dictionary(id) else {
                return Ok(None);
            };
            let Ok(parent) = dict.get(b"Parent").and_then(Object::as_reference) else {
                return Ok(None);
            };
            let Ok(node) = self.node(parent) else {
                return Ok(None);
            };
            let Node::Inner { kids, count } = &*node else {
                return Ok(None);
            };
            let Some(place) = kids.iter().position(|kid| *kid == id) else {
                return Ok(None);
            };
            // As many as there are kids: each is a page.
            let before = if *count == Some(kids.len()) {
                Some(place)
            } else {
                self.pages_before(kids, place)
            };
            let Some(before) = before else {
                return Ok(None);
            };
            index = index.saturating_add(before);
            id = parent;
        }
        Ok(None)
    }

    /// What the counts of the first kids add up to.
    fn pages_before(&self, kids: &[ObjectId], place: usize) -> Option<usize> {
        kids.iter()
            .take(place)
            .try_fold(0usize, |sum, kid| match &*self.node(*kid).ok()? {
                Node::Leaf => sum.checked_add(1),
                Node::Inner { count, .. } => sum.checked_add((*count)?),
            })
    }

    fn pages_root(&self) -> Result<ObjectId, Error> {
        let root = self.catalog()?.get(b"Pages").and_then(Object::as_reference);
        root.map_err(|_| self.damaged_tree(self.root_id()))
    }

    fn damaged_tree(&self, id: ObjectId) -> Error {
        Error::damaged(Damage::PageTree, self.offset(id))
    }

    /// A node; the root's is kept.
    fn node(&self, id: ObjectId) -> Result<Arc<Node>, Error> {
        match self.tree.root.get() {
            Some((root, node)) if *root == id => return Ok(Arc::clone(node)),
            _ => {}
        }
        let node = Arc::new(self.read_node(id)?);
        // The first node asked for is the root.
        self.tree.root.get_or_init(|| (id, Arc::clone(&node)));
        Ok(node)
    }

    fn read_node(&self, id: ObjectId) -> Result<Node, Error> {
        let dict = self.dictionary(id).map_err(|error| match error {
            Error::Damaged {
                what: Damage::Type,
                at,
            } => Error::Damaged {
                what: Damage::PageTree,
                at,
            },
            other => other,
        })?;
        if !dict.has(b"Kids") && !dict.has_type(b"Pages") {
            return Ok(Node::Leaf);
        }
        let Object::Array(kids) = self.entry(&dict, b"Kids")? else {
            return Err(self.damaged_tree(id));
        };
        let kids = kids
            .iter()
            .map(|kid| kid.as_reference().map_err(|_| self.damaged_tree(id)));
        let kids = kids.collect::<Result<_, _>>()?;
        let count = self
            .entry(&dict, b"Count")?
            .as_i64()
            .ok()
            .and_then(|count| usize::try_from(count).ok());
        Ok(Node::Inner { kids, count })
    }

    /// The count of a subtree if its nodes agree with it, `None` if not.
    fn trusted_count(
        &self,
        id: ObjectId,
        level: usize,
        seen: &mut HashSet<ObjectId>,
    ) -> Result<Option<usize>, Error> {
        if level > MAX_LEVELS || !seen.insert(id) {
            return Err(self.damaged_tree(id));
        }
        let node = self.node(id)?;
        let Node::Inner { kids, count } = &*node else {
            return Ok(Some(1));
        };
        if *count == Some(kids.len()) {
            return Ok(if self.flat(id, kids)? { *count } else { None });
        }
        let mut sum = 0usize;
        for &kid in kids {
            match self.trusted_count(kid, level + 1, seen)? {
                Some(own) => sum = sum.saturating_add(own),
                None => return Ok(None),
            }
        }
        Ok((*count == Some(sum)).then_some(sum))
    }

    /// Whether the kids are leaves only. Of more than [`MAX_CHECKED`], the first and the last ones are looked at.
    fn flat(&self, id: ObjectId, kids: &[ObjectId]) -> Result<bool, Error> {
        let known = || {
            self.tree
                .flat
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if known().contains(&id) {
            return Ok(true);
        }
        let half = MAX_CHECKED / 2;
        let last = kids.len().saturating_sub(half).max(half);
        for kid in kids.iter().take(half).chain(kids.iter().skip(last)) {
            if !matches!(*self.node(*kid)?, Node::Leaf) {
                return Ok(false);
            }
        }
        known().insert(id);
        Ok(true)
    }

    /// Finds the leaf at `index` by counts, `None` where they do not agree with the tree.
    fn descend(&self, mut index: usize) -> Result<Option<ObjectId>, Error> {
        let mut id = self.pages_root()?;
        for _ in 0..MAX_LEVELS {
            let node = self.node(id)?;
            let Node::Inner { kids, count } = &*node else {
                return Ok(None);
            };
            if count.is_none_or(|count| index >= count) {
                return Ok(None);
            }
            if *count == Some(kids.len()) {
                if !self.flat(id, kids)? {
                    return Ok(None);
                }
                let Some(&kid) = kids.get(index) else {
                    return Ok(None);
                };
                return Ok(matches!(*self.node(kid)?, Node::Leaf).then_some(kid));
            }
            let Some((kid, leaf, before)) = self.child(kids, *count, index)? else {
                return Ok(None);
            };
            if leaf {
                return Ok(Some(kid));
            }
            (id, index) = (kid, index - before);
        }
        Ok(None)
    }

    /// The kid that holds `index`, whether it is a leaf, and how many pages come before it; all counts must add up.
    fn child(
        &self,
        kids: &[ObjectId],
        count: Option<usize>,
        index: usize,
    ) -> Result<Option<(ObjectId, bool, usize)>, Error> {
        let mut sum = 0usize;
        let mut found = None;
        for &kid in kids {
            let (leaf, own) = match &*self.node(kid)? {
                Node::Leaf => (true, Some(1)),
                Node::Inner { count, .. } => (false, *count),
            };
            let Some(after) = own.and_then(|own| sum.checked_add(own)) else {
                return Ok(None);
            };
            if (sum..after).contains(&index) {
                found = Some((kid, leaf, sum));
            }
            sum = after;
        }
        Ok(found.filter(|_| count == Some(sum)))
    }

    fn walked_page(&self, index: usize) -> Result<Page, Error> {
        let leaves = self.walked()?;
        let missing = Error::NoSuchPage {
            index,
            count: leaves.len(),
        };
        self.page_at(*leaves.get(index).ok_or(missing)?)
    }

    fn walked(&self) -> Result<&[ObjectId], Error> {
        if let Some(leaves) = self.tree.leaves.get() {
            return Ok(leaves);
        }
        let mut leaves = Vec::new();
        let mut seen = HashSet::new();
        self.walk(self.pages_root()?, 0, &mut seen, &mut leaves)?;
        Ok(self.tree.leaves.get_or_init(|| leaves))
    }

    fn walk(
        &self,
        id: ObjectId,
        level: usize,
        seen: &mut HashSet<ObjectId>,
        leaves: &mut Vec<ObjectId>,
    ) -> Result<(), Error> {
        if seen.len() >= MAX_NODES {
            return Err(Error::TooBig {
                what: Limit::Pages,
                limit: MAX_NODES as u64,
            });
        }
        if level > MAX_LEVELS || !seen.insert(id) {
            return Err(self.damaged_tree(id));
        }
        match &*self.node(id)? {
            Node::Leaf => leaves.push(id),
            Node::Inner { kids, .. } => {
                for &kid in kids {
                    self.walk(kid, level + 1, seen, leaves)?;
                }
            }
        }
        Ok(())
    }

    /// An inheritable entry (7.7.3.4), references followed; [`Object::Null`] when no ancestor has it.
    fn inherited(&self, page: &Dictionary, key: &[u8]) -> Result<Object, Error> {
        let mut dict = page.clone();
        for _ in 0..MAX_LEVELS {
            match dict.get(key) {
                Ok(Object::Null) | Err(_) => {}
                Ok(value) if key == b"Resources" => return Ok(value.clone()),
                Ok(value) => return self.resolve(value),
            }
            match dict.get(b"Parent").and_then(Object::as_reference) {
                Ok(parent) => dict = self.dictionary(parent)?,
                Err(_) => return Ok(Object::Null),
            }
        }
        Err(Error::damaged(Damage::PageTree, 0))
    }
}
