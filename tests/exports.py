"""One article as databases and reference managers export it: formats are real, what is not from the article is made up."""

from __future__ import annotations

TITLE = "Coping strategies and workplace supports for peers with substance use disorders"
DOI = "10.1080/10826084.2022.2112228"

RIS = f"""TY  - JOUR
AU  - Brady, Lauren A.
AU  - Wozniak, Michelle L.
TI  - Coping strategies and workplace supports for
  peers with substance use disorders
T2  - Substance Use & Misuse
PY  - 2022/08/19/
DO  - https://doi.org/{DOI.upper()}
AB  - An abstract.
LA  - English
ER  -
"""
SCOPUS_RIS = f"""\ufeffTY  - JOUR
AU  - Brady, L.A.
AU  - Wozniak, M.L.
TI  - {TITLE}
PY  - 2022
T2  - Substance Use and Misuse
VL  - 57
DO  - {DOI}
UR  - https://www.scopus.com/inward/record.uri?eid=2-s2.0-1&doi=10.1080%2f10826084.2022.2112228&partnerID=40
AB  - An abstract.
SN  - 10826084 (ISSN)
C2  - 35979915
LA  - English
J2  - Subst. Use Misuse
M3  - Article
DB  - Scopus
N1  - References: Somebody, A., (2002) J. Appl., 85, p. 6660;
Else, B., (2003) J. Appl., 86. , https://doi.org/10.1000/not-this-one
N1  - Export Date: 05 August 2024; Cited By: 2
ER  -

"""
WOS_RIS = f"""\ufeffTY  - JOUR
AU  - Brady, LA
AU  - Wozniak, ML
TI  - {TITLE}
T2  - SUBSTANCE USE & MISUSE
LA  - English
AB  - Background: an abstract
   Methods: in two lines
C3  - Some University
DA  - AUG 19
PY  - 2022
DO  - {DOI}
AN  - WOS:000000000000001
N1  - Times Cited in Web of Science Core Collection:  1
Total Times Cited:  2
ER  -
EF
"""
EBSCO_RIS = f"""TY  - JOUR
AU  - Brady, Lauren A.
AU  - Wozniak, Michelle L.
T1  - {TITLE}.
JO  - Substance Use & Misuse
JF  - Substance Use & Misuse
Y1  - 2022/08/19/
M3  - Article
AB  - An abstract.
N1  - Accession Number: 1; Source Info: Aug2022
L3  - {DOI}
UR  - https://search.ebscohost.com/login.aspx?direct=true&db=psyh&AN=2022-00000-001&site=ehost-live
DP  - EBSCOhost
DB  - psyh
ER  -
"""
OVID_RIS = f"""1. \n\
TY  - JOUR
DB  - APA PsycInfo <2022>
ID  - 2022-00000-001
DO  - https://dx.doi.org/{DOI}
T1  - {TITLE}.
A1  - Brady, Lauren A
A1  - Wozniak, Michelle L
Y1  - 2022//
N2  - An abstract.
M1  - Else, B. (2003). Of something https://dx.doi.org/10.1000/not-this-one
M3  - Cognitive Therapy [3311]
JF  - Substance Use & Misuse
LA  - English
ER  -  \n\
\n\
Link to the Ovid Full Text or citation: http://ovidsp.ovid.com/x

C1  - Database: APA PsycInfo <2022>

Search Strategy:

--------------------------------------------------------------------------------
1     peer*.ti. (12)
"""
EMBASE_RIS = f"""TY  - JOUR
M3  - Article
Y1  - 2022
JF  - Substance Use and Misuse
JO  - Subst. Use Misuse
UR  - https://www.embase.com/search/results?subaction=viewrecord&id=L1&from=export
U2  - L1
C5  - 35979915
DB  - Embase
DB  - Medline
U3  - 2022-08-25
L2  - http://dx.doi.org/{DOI}
DO  - {DOI}
A1  - Brady L.A.
A1  - Wozniak M.L.
T1  - {TITLE}
LA  - English
N2  - An abstract.
ER  -
"""
COCHRANE_RIS = f"""Record #1 of 1
Provider: John Wiley & Sons, Ltd.
Content: text/plain; charset="UTF-8"

TY  -  JOUR
AN  -  CN-00000001
AU  -  Brady, LA
AU  -  Wozniak, ML
TI  -  {TITLE}
JA  -  Substance use & misuse
PY  -  2022
C3  -  PUBMED 35979915,EMBASE 1
M3  -  Journal article
DO  -  {DOI}
AB  -  An abstract.
UR  -  https://www.cochranelibrary.com/central/doi/10.1002/central/CN-00000001/full
ER  -

"""
ENDNOTE_RIS = f"""TY  - JOUR
AB  - An abstract.
AU  - Brady, L. A.
AU  - Wozniak, M. L.
DA  - Aug 19
DB  - Embase
Medline
DO  - {DOI}
KW  - burnout
peer support
LA  - English
PY  - 2022
T2  - Substance Use & Misuse
TI  - {TITLE}
ID  - 889
ER  -
"""
NBIB = f"""PMID- 35979915
OWN - NLM
STAT- MEDLINE
DP  - 2022 Aug 19
TI  - Coping strategies and workplace supports for peers with
      substance use disorders.
LID - {DOI} [doi]
LID - 1-9 [pii]
AB  - An abstract.
FAU - Brady, Lauren A
AU  - Brady LA
FAU - Wozniak, Michelle L
AU  - Wozniak ML
LA  - eng
PT  - Journal Article
PT  - Review
DEP - 20220818
JT  - Substance use & misuse
PMC - PMC9999999
SO  - Subst Use Misuse. 2022. doi: {DOI}.
"""
WOS = f"""\ufeffFN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Brady, LA
   Wozniak, ML
AF Brady, Lauren A.
   Wozniak, Michelle L.
TI Coping strategies and workplace supports for peers with
   substance use disorders
SO SUBSTANCE USE & MISUSE
LA English
DT Article; Early Access
AB An abstract.
PD AUG 19
PY 2022
DI {DOI}
PM 35979915
UT WOS:000000000000001
ER

EF
"""
BIB = rf"""% a remark
@string{{sum = "Substance Use \& Misuse"}}
@article{{brady,
  title = {{Coping strategies and workplace supports for peers with {{Substance}} \emph{{use}} disorders}},
  author = {{Brady, Lauren A. and Wozniak, Mich{{\`e}}le~L. and {{Peers and Friends}} and others}},
  journal = sum,
  year = 2022,
  month = aug,
  day = 19,
  doi = {{{DOI}}},
  abstract = {{An abstract.}},
}}
"""
ENDNOTE = f"""<?xml version="1.0" encoding="UTF-8" ?>
<xml><records><record><database name="My.enl" path="My.enl">My.enl</database><rec-number>889</rec-number>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Brady, Lauren A.</style></author>
<author><style>Wozniak, Michelle L.</style></author></authors></contributors>
<titles><title><style>Coping strategies and </style><style face="italic">workplace</style><style> supports for peers with
substance use disorders</style></title><secondary-title><style>Substance Use &amp; Misuse</style></secondary-title></titles>
<dates><year><style>2022</style></year><pub-dates><date><style>Aug 19</style></date></pub-dates></dates>
<accession-num><style>35979915</style></accession-num><custom2><style>PMC9999999</style></custom2>
<abstract><style>An abstract.</style></abstract><electronic-resource-num><style>{DOI}</style></electronic-resource-num>
<remote-database-name><style>Medline</style></remote-database-name><language><style>eng</style></language>
</record></records></xml>
"""
PUBMED = f"""\ufeffPMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI
"35979915","{TITLE}","Brady LA, Wozniak ML.","Subst Use Misuse. 2022.","Brady LA","Subst Use Misuse","2022","2022/08/18","PMC9999999","","{DOI}"
"""
SCOPUS = f"""\ufeff"Authors","Author full names","Author(s) ID","Title","Year","Source title","Volume","DOI","Link","Abstract","References","PubMed ID","Language of Original Document","Document Type","Publication Stage","Source","EID"
"Brady L.A.; Wozniak M.L.","Brady, Lauren A. (57193); Wozniak, Michelle L. (57194)","57193; 57194","{TITLE}","2022","Substance Use and Misuse","57","{DOI}","https://www.scopus.com/inward/record.uri?eid=2-s2.0-1","An abstract.","{"Else B., A reference; " * 4000}","35979915","English","Article","Final","Scopus","2-s2.0-1"
"""
WOS_CSV = f"""Publication Type,Authors,Author Full Names,Article Title,Source Title,Language,Document Type,Abstract,Publication Date,Publication Year,DOI,Pubmed Id,UT (Unique WOS ID)
J,"Brady, LA; Wozniak, ML","Brady, Lauren A.; Wozniak, Michelle L.",{TITLE},SUBSTANCE USE & MISUSE,English,Article; Retracted Publication,An abstract.,AUG 19,2022,{DOI},35979915,WOS:1
"""
WOS_TAB = (
    "PT\tAU\tAF\tTI\tSO\tLA\tDT\tPY\tDI\tPM\tUT\t\n"
    "J\tBrady, LA; Wozniak, ML\tBrady, Lauren A.; Wozniak, Michelle L.\t"
    f'"Coping" strategies\tSUBSTANCE USE & MISUSE\tEnglish\tArticle\t2022\t{DOI}\t35979915\tWOS:1\t\n'
)
EBSCO = f"""Article Title,Author,Journal Title,ISSN,ISBN,Publication Date,Volume,Issue,First Page,Page Count,Accession Number,DOI,Publisher,Doctype,Subjects,Keywords,Abstract,PLink
"{TITLE}","Brady, Lauren A.; Wozniak, Michelle L.","Substance Use & Misuse",="10826084",,="8/19/2022","57","12","1","9","2022-00000-001","{DOI}","A Publisher","Article","PEERS",,"An abstract.","https://search.ebscohost.com/login.aspx?direct=true&db=psyh&AN=2022-00000-001&site=ehost-live"
"""
COCHRANE = f"""CENTRAL ID,Author(s),Title,Source,Year,Abstract,Volume,Issue,Pages,Database Name,PubMed ID,Embase ID,Publication Type,Keywords,DOI,URL
"CN-00000001","Brady, LA; Wozniak, ML","{TITLE}","Substance use & misuse","2022","An abstract.","57",,,"Cochrane Central Register of Controlled Trials (CENTRAL)","PUBMED 35979915","EMBASE 1","Journal article",,"{DOI}","https://www.cochranelibrary.com/central/doi/10.1002/central/CN-00000001/full"
"""
EMBASE = f""""SEARCH QUERY","'peer support':ti"
-------------------------------------

"Title","Original Title","Author Names","Source","Source title","Publication Year","Date of Publication","Publication Type","Abstract","Article Language","Embase Accession ID","Medline PMID","PUI","DOI"
"{TITLE}",,"Brady L.A., Wozniak M.L.","Substance Use and Misuse (2022) 57","Substance Use and Misuse","2022","1 Aug 2022","Article","An abstract.","English",,"35979915","L1","{DOI}"
"""
LENS = f"""Lens ID,Title,Date Published,Publication Year,Publication Type,Source Title,Author/s,Abstract,PMID,DOI,PMCID,Citing Works Count
000-000-000-000-001,{TITLE},2022-08-19,2022,journal article,Substance use & misuse,Lauren A. Brady; Michelle L. Wozniak,An abstract.,35979915,{DOI},PMC9999999,7
"""
ZOTERO = f"""\ufeff"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date","Language","Extra"
"YVC6GC78","journalArticle","2022","Brady, Lauren A.; Wozniak, Michelle L.","{TITLE}","Substance Use & Misuse","","","An abstract.","2022-08-19","en","DOI: {DOI}
PMID: 35979915
PMCID: PMC9999999"
"""
OPENALEX = f"""id,doi,title,display_name,publication_year,publication_date,language,type,cited_by_count,is_retracted,authorships.author.display_name,primary_location.source.display_name,open_access.oa_url,ids.pmid,abstract
https://openalex.org/W4292386300,https://doi.org/{DOI},{TITLE},{TITLE},2022,2022-08-19,en,article,7,False,Lauren A. Brady|Michelle L. Wozniak,Substance Use & Misuse,https://example.org/a.pdf,https://pubmed.ncbi.nlm.nih.gov/35979915,An abstract.
"""
OPENALEX_SHORT = f"""Title,Author,Year,DOI,Type,Source,Citation count,Abstract,ID
{TITLE},Lauren A. Brady|Michelle L. Wozniak,2022,https://doi.org/{DOI},article,Substance Use & Misuse,7,An abstract.,https://openalex.org/W4292386300
"""
OVID = f"""Accession Number,Title,Authors,Source,Year,DOI,Language,Database
2022-00000-001,{TITLE},"Brady, Lauren A; Wozniak, Michelle L",Substance Use & Misuse,2022,{DOI},English,APA PsycInfo
"""
PROQUEST = f"""Title,Abstract,StoreId,AccessionNumber,Authors,digitalObjectIdentifier,documentType,language,pubdate,pubtitle,year,Database
{TITLE},An abstract.,1,2022-00000-001,"Brady, Lauren A; Wozniak, Michelle L",{DOI},Journal Article,English,Aug 2022,Substance Use & Misuse,2022,APA PsycInfo®
"""
RAYYAN = f"""key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,publisher,location,abstract,notes,doi,keywords,pubmed_id,pmc_id
rayyan-1,{TITLE},2022,8,19,Substance Use & Misuse,1082-6084,57,12,1-9,"Brady, Lauren A. and Wozniak, Michelle L.",https://example.org/a,English,,,An abstract.,"RAYYAN-INCLUSION: {{""Ann""=>""Excluded""}}",{DOI},,35979915,PMC9999999
"""
EMBASE_PLAIN = f"""Title,Author Names,Source,Publication Year,Publication Type,Abstract,Medline PMID,PUI,DOI
{TITLE},"Brady L.A., Wozniak M.L.",Substance Use and Misuse (2022) 57:12 (1-9),2022,Article,An abstract.,35979915,L1,{DOI}
"""
#: Embase's other table, with a field on each line and an empty line behind each record.
EMBASE_LINES = f""""SEARCH QUERY","'peer worker'/exp"

"TITLE","{TITLE}"
"AUTHOR NAMES","Brady L.A.","Wozniak M.L."
"SOURCE","Substance Use and Misuse (2022) 57:12 (1-9). Date of Publication: 19 Aug 2022"
"SOURCE TITLE","Substance Use and Misuse"
"PUBLICATION YEAR","2022"
"PUBLICATION TYPE","Article"
"ABSTRACT","An abstract."
"LANGUAGE OF ARTICLE","English"
"MEDLINE PMID","35979915"
"PUI","L1"
"DOI","{DOI}"
"""
COVIDENCE = f"""Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,Accession Number,DOI,Ref,Covidence #,Study,Notes,Tags
{TITLE},"Brady, Lauren A.; Wozniak, Michelle L.",An abstract.,2022,,Substance Use & Misuse,57,12,1-9,,{DOI},,#12,Brady 2022,,
"""
REVTOOLS = f"""label,type,author,title,year,journal,volume,doi,abstract,matches,screened_titles,notes
Brady_2022_Subst,JOUR,"Brady, Lauren A. and Wozniak, Michelle L.",{TITLE},2022,Substance Use & Misuse,57,{DOI},An abstract.,1,excluded,
"""
ASREVIEW = f"""record_id,title,abstract,authors,year,journal,doi,included,asreview_ranking
0,{TITLE},An abstract.,"Brady, Lauren A.; Wozniak, Michelle L.",2022,Substance Use & Misuse,{DOI},0,1
"""
POP = f"""Cites,Authors,Title,Year,Source,Publisher,ArticleURL,CitesURL,GSRank,QueryDate,Type,DOI,ISSN,Abstract
7,"LA Brady, ML Wozniak",{TITLE},2022,Substance Use & Misuse,Taylor,https://example.org/a,,1,2026-11-01 10:00:00,,{DOI},,An abstract.
"""
OVID_SHORT = f"""ORN,VN,DB,UI,PM,TI,SO,AU,AB,DO
1,Ovid Technologies,Embase,2011,35979915 [http://www.ncbi.nlm.nih.gov/pubmed/?term=35979915],{TITLE},"Substance Use & Misuse. 57 (12) (pp 1920-1929), 2022. Date of Publication: 2022.","Brady L.A.

Wozniak M.L.",An abstract.,{DOI}
"""
WOS_FRAME = f""""AU","TI","SO","PY","DT","LA","AB","UT","DI"
"BRADY LA;WOZNIAK ML;","{TITLE}, AGAIN","SUBSTANCE USE & MISUSE",2022,"ARTICLE",NA,"An ""abstract"".","ISI:1","{DOI}"
"""
