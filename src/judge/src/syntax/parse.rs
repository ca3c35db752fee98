//! Tokens → the tree.

use super::ast::{BinOp, Expr, ExprKind, Lit, Name};
use super::lex::{Token, lex};
use super::{Span, SyntaxError};

/// Deeper expressions are refused, so that no walk can exhaust the stack.
const MAX_HEIGHT: usize = 100;

/// Words that the standard keeps for later.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

type Parsed = Result<Expr, SyntaxError>;

/// The tree of `src`.
pub(crate) fn parse(src: &str) -> Parsed {
    let mut p = Parser {
        tokens: lex(src)?,
        at: 0,
        depth: 0,
    };
    if p.tokens.len() == 1 {
        return Err(SyntaxError::new(
            Span::new(0, src.len()),
            "the expression is empty",
        ));
    }
    let e = p.expr()?;
    match p.peek() {
        (Token::End, _) => Ok(e),
        (t, span) => Err(SyntaxError::new(
            *span,
            format!("expected an operator or the end, found {}", told(t)),
        )),
    }
}

fn told(t: &Token) -> String {
    match t {
        Token::Ident(s) => format!("`{s}`"),
        Token::Int(_) | Token::Double(_) => "a number".to_owned(),
        Token::Str(_) => "a text".to_owned(),
        Token::Sign(s) => format!("`{s}`"),
        Token::End => "the end".to_owned(),
    }
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &(Token, Span) {
        // `End` is the last token and is never stepped over.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn is(&self, sign: &str) -> bool {
        matches!(&self.peek().0, Token::Sign(s) if *s == sign)
    }

    fn eat(&mut self, sign: &str) -> Option<Span> {
        if !self.is(sign) {
            return None;
        }
        let span = self.peek().1;
        self.at += 1;
        Some(span)
    }

    fn need(&mut self, sign: &str) -> Result<Span, SyntaxError> {
        match self.eat(sign) {
            Some(s) => Ok(s),
            None => {
                let (t, span) = self.peek();
                Err(SyntaxError::new(
                    *span,
                    format!("expected `{sign}`, found {}", told(t)),
                ))
            }
        }
    }

    fn node(&self, kind: ExprKind, span: Span) -> Parsed {
        let height = kind.height();
        if height > MAX_HEIGHT {
            return Err(too_deep(span));
        }
        Ok(Expr { kind, span, height })
    }

    fn expr(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_HEIGHT {
            return Err(too_deep(self.peek().1));
        }
        let cond = self.or()?;
        let e = if self.eat("?").is_some() {
            let yes = self.or()?;
            self.need(":")?;
            let no = self.expr()?;
            let span = cond.span.to(no.span);
            self.node(ExprKind::Cond(Box::new([cond, yes, no])), span)
        } else {
            Ok(cond)
        };
        self.depth -= 1;
        e
    }

    fn or(&mut self) -> Parsed {
        let first = self.and()?;
        self.chain(first, "||", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Parsed {
        let first = self.relation()?;
        self.chain(first, "&&", Self::relation, ExprKind::And)
    }

    fn chain(
        &mut self,
        first: Expr,
        sign: &str,
        next: fn(&mut Self) -> Parsed,
        make: fn(Vec<Expr>) -> ExprKind,
    ) -> Parsed {
        if !self.is(sign) {
            return Ok(first);
        }
        let start = first.span;
        let mut end = start;
        let mut all = vec![first];
        while self.eat(sign).is_some() {
            let e = next(self)?;
            end = e.span;
            all.push(e);
        }
        self.node(make(all), start.to(end))
    }

    fn relation(&mut self) -> Parsed {
        const OPS: [BinOp; 6] = [
            BinOp::Eq,
            BinOp::Ne,
            BinOp::Le,
            BinOp::Ge,
            BinOp::Lt,
            BinOp::Gt,
        ];
        self.left(&OPS, true, Self::sum)
    }

    fn sum(&mut self) -> Parsed {
        self.left(&[BinOp::Add, BinOp::Sub], false, Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.left(&[BinOp::Mul, BinOp::Div, BinOp::Rem], false, Self::unary)
    }

    /// A left-associative level.
    fn left(&mut self, ops: &[BinOp], with_in: bool, next: fn(&mut Self) -> Parsed) -> Parsed {
        let mut a = next(self)?;
        loop {
            let op = match &self.peek().0 {
                Token::Sign(s) => ops.iter().copied().find(|o| o.sign() == *s),
                Token::Ident(s) if with_in && s == "in" => Some(BinOp::In),
                _ => None,
            };
            let Some(op) = op else { return Ok(a) };
            self.at += 1;
            let b = next(self)?;
            let span = a.span.to(b.span);
            a = self.node(ExprKind::Binary(op, Box::new(a), Box::new(b)), span)?;
        }
    }

    fn unary(&mut self) -> Parsed {
        if let Some(start) = self.eat("!") {
            let e = self.nested(Self::unary)?;
            let span = start.to(e.span);
            return self.node(ExprKind::Not(Box::new(e)), span);
        }
        let Some(start) = self.eat("-") else {
            return self.member();
        };
        // The smallest number has no positive twin, so the sign is read with it.
        if let (Token::Int(n), span) = *self.peek()
            && n == i64::MIN.unsigned_abs()
        {
            self.at += 1;
            return self.node(ExprKind::Lit(Lit::Int(i64::MIN)), start.to(span));
        }
        let e = self.nested(Self::unary)?;
        let span = start.to(e.span);
        match e.kind {
            ExprKind::Lit(Lit::Int(n)) if n > 0 => self.node(ExprKind::Lit(Lit::Int(-n)), span),
            ExprKind::Lit(Lit::Double(n)) => self.node(ExprKind::Lit(Lit::Double(-n)), span),
            _ => self.node(ExprKind::Neg(Box::new(e)), span),
        }
    }

    fn nested(&mut self, f: fn(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_HEIGHT {
            return Err(too_deep(self.peek().1));
        }
        let e = f(self);
        self.depth -= 1;
        e
    }

    fn member(&mut self) -> Parsed {
        let mut e = self.primary()?;
        loop {
            if self.eat(".").is_some() {
                let name = self.name()?;
                let start = e.span;
                let (kind, end) = if self.eat("(").is_some() {
                    let (args, end) = self.list(")")?;
                    let target = Some(Box::new(e));
                    (ExprKind::Call { target, name, args }, end)
                } else {
                    let end = name.span;
                    (ExprKind::Member(Box::new(e), name), end)
                };
                e = self.node(kind, start.to(end))?;
            } else if self.eat("[").is_some() {
                let i = self.expr()?;
                let end = self.need("]")?;
                let span = e.span.to(end);
                e = self.node(ExprKind::Index(Box::new(e), Box::new(i)), span)?;
            } else {
                return Ok(e);
            }
        }
    }

    fn name(&mut self) -> Result<Name, SyntaxError> {
        match self.peek().clone() {
            (Token::Ident(text), span) => {
                self.at += 1;
                Ok(Name { text, span })
            }
            (t, span) => Err(SyntaxError::new(
                span,
                format!("expected a member name, found {}", told(&t)),
            )
            .help(r#"names with other characters are reached by ["name"]"#)),
        }
    }

    fn primary(&mut self) -> Parsed {
        let (token, span) = self.peek().clone();
        let lit = |l| ExprKind::Lit(l);
        let kind = match token {
            Token::Int(n) => match i64::try_from(n) {
                Ok(n) => lit(Lit::Int(n)),
                Err(_) => return Err(SyntaxError::new(span, "this number is too large")),
            },
            Token::Double(n) => lit(Lit::Double(n)),
            Token::Str(s) => lit(Lit::Str(s)),
            Token::Ident(s) => return self.word(s, span),
            Token::Sign("(") => {
                self.at += 1;
                let mut e = self.expr()?;
                e.span = span.to(self.need(")")?);
                return Ok(e);
            }
            Token::Sign("[") => {
                self.at += 1;
                let (items, end) = self.list("]")?;
                return self.node(ExprKind::List(items), span.to(end));
            }
            Token::Sign("{") => return self.map(span),
            t => {
                return Err(SyntaxError::new(
                    span,
                    format!("expected a value, found {}", told(&t)),
                ));
            }
        };
        self.at += 1;
        self.node(kind, span)
    }

    fn word(&mut self, s: String, span: Span) -> Parsed {
        if RESERVED.contains(&s.as_str()) || s == "in" {
            return Err(SyntaxError::new(
                span,
                format!("`{s}` is a reserved word, not a value"),
            ));
        }
        self.at += 1;
        let kind = match s.as_str() {
            "true" => ExprKind::Lit(Lit::Bool(true)),
            "false" => ExprKind::Lit(Lit::Bool(false)),
            "null" => ExprKind::Lit(Lit::Null),
            _ if self.eat("(").is_some() => {
                let (args, end) = self.list(")")?;
                let name = Name { text: s, span };
                let call = ExprKind::Call {
                    target: None,
                    name,
                    args,
                };
                return self.node(call, span.to(end));
            }
            _ => ExprKind::Ident(s),
        };
        self.node(kind, span)
    }

    /// Values up to the closing sign; a comma may trail.
    fn list(&mut self, close: &str) -> Result<(Vec<Expr>, Span), SyntaxError> {
        let mut out = Vec::new();
        loop {
            if let Some(end) = self.eat(close) {
                return Ok((out, end));
            }
            out.push(self.expr()?);
            if self.eat(",").is_none() {
                return Ok((out, self.need(close)?));
            }
        }
    }

    fn map(&mut self, start: Span) -> Parsed {
        self.at += 1;
        let mut out = Vec::new();
        let end = loop {
            if let Some(end) = self.eat("}") {
                break end;
            }
            let key = self.expr()?;
            self.need(":")?;
            out.push((key, self.expr()?));
            if self.eat(",").is_none() {
                break self.need("}")?;
            }
        };
        self.node(ExprKind::Map(out), start.to(end))
    }
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError::new(
        span,
        format!("the expression nests deeper than {MAX_HEIGHT} levels"),
    )
}
