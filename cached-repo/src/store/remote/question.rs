//! What a read asks for.

use super::mark::TagState;
use super::names::{KeyNames, NameList};
use crate::key::Key;
use crate::port::Request;
use std::collections::HashMap;

/// What a read asks for: the entries in the order of the requests, then every tag once.
pub(super) struct Question<'a> {
    pub(super) names: NameList,
    /// Lists of tags, and where they are among the names: the requests of one call nearly always share one.
    lists: Vec<(&'a [Key], Vec<usize>)>,
    /// Which list each request has.
    list_of: Vec<usize>,
    /// Places of the tags among the names; empty while there is one list.
    places: HashMap<&'a Key, usize, foldhash::fast::RandomState>,
}

/// A tag of a request: its name and what its key holds.
pub(super) type Own<'a> = (&'a str, TagState);

impl<'a> Question<'a> {
    pub(super) fn of(names: &KeyNames, requests: &'a [Request]) -> Self {
        let mut question = Self {
            names: NameList::with_capacity(requests.len() + 4),
            lists: Vec::with_capacity(1),
            list_of: Vec::with_capacity(requests.len()),
            places: HashMap::default(),
        };
        for request in requests {
            names.push(&request.key, &mut question.names);
        }
        for request in requests {
            let list = question.list(names, &request.tags);
            question.list_of.push(list);
        }
        question
    }

    fn list(&mut self, names: &KeyNames, tags: &'a [Key]) -> usize {
        if let Some((last, _)) = self.lists.last()
            && std::ptr::eq(*last, tags)
        {
            return self.lists.len() - 1;
        }
        let places = match self.lists.as_slice() {
            // The tags of one list differ from each other.
            [] => tags.iter().map(|tag| self.append(names, tag)).collect(),
            [(first, places), rest @ ..] => {
                if rest.is_empty() {
                    self.places = first.iter().zip(places.iter().copied()).collect();
                }
                tags.iter().map(|tag| self.place(names, tag)).collect()
            }
        };
        self.lists.push((tags, places));
        self.lists.len() - 1
    }

    /// The place of a tag that another list may have named.
    fn place(&mut self, names: &KeyNames, tag: &'a Key) -> usize {
        if let Some(place) = self.places.get(tag) {
            return *place;
        }
        let place = self.append(names, tag);
        self.places.insert(tag, place);
        place
    }

    fn append(&mut self, names: &KeyNames, tag: &Key) -> usize {
        names.push(tag, &mut self.names);
        self.names.len() - 1
    }

    /// For each list, its tags with what the answer says of them.
    pub(super) fn states(&self, values: &[Option<Vec<u8>>]) -> States<'_> {
        let own = |place: &usize| {
            (
                self.names.get(*place),
                TagState::of(values[*place].as_deref()),
            )
        };
        let lists = self.lists.iter();
        States {
            lists: lists
                .map(|(_, places)| places.iter().map(own).collect())
                .collect(),
            list_of: &self.list_of,
        }
    }
}

/// The tags of all requests with what their keys hold.
pub(super) struct States<'a> {
    lists: Vec<Vec<Own<'a>>>,
    list_of: &'a [usize],
}

impl States<'_> {
    /// Those of the request at this place.
    pub(super) fn of(&self, request: usize) -> &[Own<'_>] {
        &self.lists[self.list_of[request]]
    }
}
