// Further labels: a Study is also a Work, a Factor also a Concept (kg.model.vocabulary.LABELS).
MATCH (n:Study) SET n:Work;
MATCH (n:Review) SET n:Work;
MATCH (n:Candidate) SET n:Work;
MATCH (n:Factor) SET n:Concept;
MATCH (n:Outcome) SET n:Concept;
MATCH (n:Value) SET n:Concept;
